// expect: Contractive: the activation has no second derivative, `template <class T> T curvature(T v) const`
#include <eigencoder/eigencoder.hpp>

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

Autoencoder<Sequential<Shape{12}, Contractive<Dense<8, Square{}>, 0.1>>, Sequential<Shape{8}, Dense<12>>> model;
