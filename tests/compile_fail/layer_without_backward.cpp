// expect: layer: `template <class Pack, Layout X, Layout Y, Layout DY, class DX> static void backward(
// expect: RequireLayer<Twice::Layer<
// expect: {1, 1, 32}
// at most: 1 error
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

struct Twice {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "Twice";
    static constexpr Shape input = In;
    static constexpr Shape output = In;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      for_each_cell(In, [&](Index c, Index i, Index j) { y(c, i, j) = Pack(2) * x(c, i, j); });
    }

    template <class Pack, Layout X, Layout Y, Layout DY, class DX>
    static void backwards(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, Y>,
                          FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      for_each_cell(In, [&](Index c, Index i, Index j) { dx(c, i, j) = Pack(2) * dy(c, i, j); });
    }
  };
};

Autoencoder<Sequential<Shape{784}, Dense<32>, Twice>, Sequential<Shape{32}, Dense<784>>> model;

void train(const Dataset& data) { fit(model, data, MeanSquaredError{}, Adam{}); }
