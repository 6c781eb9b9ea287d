#include <cstdlib>
#include <eigencoder/eigencoder.hpp>
#include <iostream>
using namespace eigencoder;

using Encoder = Sequential<Shape{6}, Dense<3, relu>>;
using Decoder = Sequential<Encoder::output, Dense<6, sigmoid>>;

int main() {
  Matrix<float> x(10, 6);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) / 7.0f;
  Autoencoder<Encoder, Decoder> model{Seed{1}};
  const double before = evaluate(model, x, BinaryCrossentropy{});
  fit(model, x, BinaryCrossentropy{}, Adam{}, {.epochs = 10, .progress = false});
  const double after = evaluate(model, x, BinaryCrossentropy{});
  std::cout << "Eigencoder " << version << ", loss " << before << " before training and " << after << " after\n";
  return after < before ? EXIT_SUCCESS : EXIT_FAILURE;
}
