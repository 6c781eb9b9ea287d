// expect: Codec: the encoder's last layer must be QuantizedLatent
#include <eigencoder/applications/codec.hpp>
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;
using Model = Autoencoder<Sequential<Shape{8}, Dense<2>>, Sequential<Shape{2}, Dense<8, sigmoid>>>;

std::vector<std::uint8_t> compress(const Dataset& images) { return Codec(Model{}, images).compress(images); }
