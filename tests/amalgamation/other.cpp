#include "eigencoder.hpp"
using namespace eigencoder;

using Encoder = Sequential<Shape{8, 8, 1}, Conv2D<4, 3, relu, same>, MaxPool2D<2, same>>;
using Decoder = Sequential<Encoder::output, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>;

double loss_of_another(const Matrix<float>& x) {
  Autoencoder<Encoder, Decoder> model{Seed{42}};
  fit(model, x, BinaryCrossentropy{}, Adam{.learning_rate = 1e-3},
      {.epochs = 3, .batch_size = 16, .validation_split = 0.1, .progress = false});
  return evaluate(model, x, BinaryCrossentropy{});
}
