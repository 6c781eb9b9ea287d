// expect: the model has an activation of your own, which nothing outside of the library knows
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/onnx.hpp>

using namespace eigencoder;

struct Square : ActivationOption {
  static constexpr std::string_view name = "square";
  static constexpr bool from_output = false;
  template <class T>
  static T value(T z) {
    return z * z;
  }
  template <class T>
  static T gradient(T dy, T z) {
    return dy * (z + z);
  }
};

int main() {
  save_onnx(Autoencoder<Sequential<Shape{4}, Dense<2, Square{}>>, Sequential<Shape{2}, Dense<4>>>{}, "model.onnx");
}
