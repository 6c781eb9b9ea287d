// Compresses 28x28 images to 32 numbers and back, with one fully connected layer each way.
#include "support/run.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
using Decoder = Sequential<Encoder::output, Dense<784, sigmoid>>;

int main(int argc, char** argv) {
  return examples::run<Autoencoder<Encoder, Decoder>>(argc, argv, "A dense autoencoder of images, 784 - 32 - 784");
}
