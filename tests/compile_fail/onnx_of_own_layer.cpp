// expect: the model has a layer that nothing outside of the library knows
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/onnx.hpp>

using namespace eigencoder;

struct Twice {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "Twice";
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X>, Y) {}
    template <class Pack, Layout X, Layout Y, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, Y>,
                         FeatureMap<const Pack, DY>, DX, Gradient<Pack>) {}
  };
};

int main() {
  save_onnx(Autoencoder<Sequential<Shape{4}, Dense<2>>, Sequential<Shape{2}, Dense<4>, Twice>>{}, "model.onnx");
}
