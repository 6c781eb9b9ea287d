// expect: the loss of each sample: penalties are of the whole model
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

using Model = Autoencoder<Sequential<Shape{12}, Dense<2>>, Sequential<Shape{2}, Dense<12>>>;

auto score(const Model& model, const Dataset& data) {
  return model.reconstruction_error(data, MeanSquaredError{} + L1Activity{});
}
