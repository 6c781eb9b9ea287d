// expect: CategoricalCrossentropy: the model's output must be flat, a logit for each of at least two classes
#include <eigencoder/eigencoder.hpp>
using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{4, 4, 1}, Conv2D<2, 3, relu, same>>;
  Autoencoder<Encoder, Mirror<Encoder, linear>> model;
  fit(model, Dataset{}, CategoricalCrossentropy{}, Adam{});
}
