// expect: copy_encoder: the encoders must have the same layers, with parameters of the same shapes
#include <eigencoder/eigencoder.hpp>
using namespace eigencoder;

int main() {
  using A = Sequential<Shape{8}, Dense<4>>;
  using B = Sequential<Shape{8}, Dense<3>>;
  const Autoencoder<A, Mirror<A>> from;
  Classifier<B, Sequential<B::output, Dense<2>>> to;
  copy_encoder(from, to);
}
