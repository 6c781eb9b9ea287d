// expect: Autoencoder: the decoder's output shape must be the encoder's input shape
// expect: ShapesMatch<
// expect: {1, 1, 783}
// expect: {1, 1, 784}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
  using Decoder = Sequential<Encoder::output, Dense<783, sigmoid>>;
  const Autoencoder<Encoder, Decoder> model;
}
