// expect: Autoencoder: Scalar must be float or double
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
  using Decoder = Sequential<Encoder::output, Dense<784, sigmoid>>;
  const Autoencoder<Encoder, Decoder, int> model;
}
