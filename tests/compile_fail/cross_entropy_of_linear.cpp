// expect: the loss is defined in [0, 1] only, and the decoder's last activation gives other values
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

void train(Autoencoder<Sequential<Shape{12}, Dense<2>>, Sequential<Shape{2}, Dense<12>>>& model, const Dataset& data) {
  fit(model, data, BinaryCrossentropy{}, Adam{});
}
