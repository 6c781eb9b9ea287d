// expect: optimizer: `static constexpr int slots` is missing; an optimiser is such as Adam{}
// at most: 1 error
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
  using Decoder = Sequential<Encoder::output, Dense<784, sigmoid>>;
  Autoencoder<Encoder, Decoder> model;
  fit(model, Dataset(), BinaryCrossentropy{}, 0.001);
}
