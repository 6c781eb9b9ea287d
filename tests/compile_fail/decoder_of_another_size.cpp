// expect: Autoencoder: the decoder's output shape must be the encoder's input shape
// expect: {32, 32, 1}
// expect: {28, 28, 1}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{28, 28, 1}, Conv2D<8, 3, relu, same>, MaxPool2D<2, same>, MaxPool2D<2, same>,
                             MaxPool2D<2, same>>;
  // 4 x 4 enlarged three times is 32 x 32.
  using Decoder = Sequential<Encoder::output, UpSampling2D<2>, UpSampling2D<2>, UpSampling2D<2>, Conv2D<1, 3, same>>;
  const Autoencoder<Encoder, Decoder> model;
}
