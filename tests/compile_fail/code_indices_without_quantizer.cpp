// expect: code_indices: the encoder's last layer must be a VectorQuantizer
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

using Model = Autoencoder<Sequential<Shape{12}, Dense<4>>, Sequential<Shape{4}, Dense<12>>>;

auto indices(const Model& model, const Dataset& data) { return code_indices(model, data); }
