// expect: LosslessCodec: the layers must be Dense, which have a twin that computes in integers
#include <eigencoder/applications/lossless_codec.hpp>
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;
using Encoder = Sequential<Shape{4, 4, 1}, Conv2D<2, 3>, Flatten>;
using Decoder = Sequential<Shape{2}, Dense<16, sigmoid>, Reshape<Shape{4, 4, 1}>>;

LosslessCodec<VariationalAutoencoder<Encoder, Decoder, 2>, BinaryCrossentropy> codec{{}, {}};
