// expect: loss: `template <bool Logits, class Pack, Layout Y, Layout T, class DY> Pack evaluate(
// expect: RequireLoss<QuarticError>
// at most: 1 error
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

struct QuarticError {
  static constexpr bool from_logits_of_sigmoid = false;

  template <class Pack>
  Pack evaluate(Pack y, Pack t) const {
    const Pack error = y - t;
    return error * error * error * error;
  }
};

Autoencoder<Sequential<Shape{12}, Dense<4>>, Sequential<Shape{4}, Dense<12>>> model;

void train(const Dataset& data) { fit(model, data, QuarticError{}, Adam{}); }
