// expect: loss: `static constexpr bool from_logits_of_sigmoid` is missing; a loss is such as MeanSquaredError{}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
  using Decoder = Sequential<Encoder::output, Dense<784, sigmoid>>;
  Autoencoder<Encoder, Decoder> model;
  fit(model, Dataset(), Adam{}, BinaryCrossentropy{});
}
