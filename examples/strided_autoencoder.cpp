// Compresses 28x28 images to 32 numbers and back with strided and transposed convolutions.
#include "support/run.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{28, 28, 1},                      //
                           Conv2D<32, 3, stride(2), relu, same>,  // 14 x 14
                           Conv2D<64, 3, stride(2), relu, same>,  // 7 x 7
                           Flatten, Dense<32>>;
using Decoder = Sequential<Encoder::output,  //
                           Dense<7 * 7 * 64, relu>, Reshape<Shape{7, 7, 64}>,
                           Conv2DTranspose<64, 3, stride(2), relu, same>,  // 14 x 14
                           Conv2DTranspose<32, 3, stride(2), relu, same>,  // 28 x 28
                           Conv2DTranspose<1, 3, sigmoid, same>>;

int main(int argc, char** argv) {
  return examples::run<Autoencoder<Encoder, Decoder>>(
      argc, argv, "A convolutional autoencoder of images with strides, 28x28 - 32 - 28x28");
}
