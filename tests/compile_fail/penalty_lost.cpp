// expect: it is made of a loss with penalties but has no penalties() that passes them on
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

template <class Loss>
struct Halved {
  Loss loss;

  static constexpr bool from_logits_of_sigmoid = false;

  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    return Pack(0.5f) * loss.evaluate(y, target, weight * Pack(0.5f), dy);
  }
};

void train(Autoencoder<Sequential<Shape{12}, Dense<2>>, Sequential<Shape{2}, Dense<12>>>& model, const Dataset& data) {
  fit(model, data, Halved<decltype(MeanSquaredError{} + L1Activity{})>{MeanSquaredError{} + L1Activity{}}, Adam{});
}
