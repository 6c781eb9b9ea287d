// expect: ConcatenateLabel: the input must be flat
// expect: {4, 4, 1}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

using Encoder = Sequential<Shape{4, 4, 1}, ConcatenateLabel<10>, Dense<8>>;
Autoencoder<Encoder, Sequential<Shape{8}, Dense<16>>> model;
