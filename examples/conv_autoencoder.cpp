// Compresses 28x28 images to 4x4x8 numbers and back with convolutions, pooling and enlarging.
#include "support/run.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{28, 28, 1},                               //
                           Conv2D<16, 3, relu, same>, MaxPool2D<2, same>,  // 14 x 14
                           Conv2D<8, 3, relu, same>, MaxPool2D<2, same>,   // 7 x 7
                           Conv2D<8, 3, relu, same>, MaxPool2D<2, same>>;  // 4 x 4
using Decoder = Sequential<Encoder::output,                                //
                           Conv2D<8, 3, relu, same>, UpSampling2D<2>,      // 8 x 8
                           Conv2D<8, 3, relu, same>, UpSampling2D<2>,      // 16 x 16
                           Conv2D<16, 3, relu>, UpSampling2D<2>,           // 14 x 14, then 28 x 28
                           Conv2D<1, 3, sigmoid, same>>;

int main(int argc, char** argv) {
  return examples::run<Autoencoder<Encoder, Decoder>>(
      argc, argv, "A convolutional autoencoder of images with pooling, 28x28 - 4x4x8 - 28x28");
}
