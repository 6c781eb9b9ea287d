// expect: fit: the optimizer must be one of the library's optimisers
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
  using Decoder = Sequential<Encoder::output, Dense<784, sigmoid>>;
  Autoencoder<Encoder, Decoder> model;
  fit(model, Dataset(), BinaryCrossentropy{}, 0.001);
}
