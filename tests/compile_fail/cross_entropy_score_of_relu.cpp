// expect: reconstruction_error: the loss is defined in [0, 1] only
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

using Decoder = Sequential<Shape{4}, Dense<16, relu>, Reshape<Shape{4, 4, 1}>>;

auto score(const Autoencoder<Sequential<Shape{4, 4, 1}, Flatten, Dense<4>>, Decoder>& model, const Dataset& data) {
  return model.reconstruction_error(data, IgnoreMissing{BinaryCrossentropy{}});
}
