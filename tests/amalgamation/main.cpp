// The first of two translation units that include the library as one header: they must link into one program.
#include <cstdlib>
#include <iostream>

#include "eigencoder.hpp"
using namespace eigencoder;

using Encoder = Sequential<Shape{8, 8, 1}, Conv2D<4, 3, relu, same>, MaxPool2D<2, same>>;
using Decoder = Sequential<Encoder::output, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>;

double loss_of_another(const Matrix<float>& x);

int main() {
  Matrix<float> x(20, 64);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) / 7.0f;
  Autoencoder<Encoder, Decoder> model{Seed{42}};
  std::cout << summary(model);
  const History history = fit(model, x, BinaryCrossentropy{}, Adam{.learning_rate = 1e-3},
                              {.epochs = 3, .batch_size = 16, .validation_split = 0.1, .progress = false});
  const double loss = evaluate(model, x, BinaryCrossentropy{});
  return model.encode(x).rows() == 20 && loss == loss_of_another(x) ? EXIT_SUCCESS : EXIT_FAILURE;
}
