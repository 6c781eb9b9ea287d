// expect: Autoencoder: the decoder's input shape must be the encoder's output shape
// expect: ShapesMatch<
// expect: {1, 1, 16}
// expect: {1, 1, 32}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
  using Decoder = Sequential<Shape{16}, Dense<784, sigmoid>>;
  const Autoencoder<Encoder, Decoder> model;
}
