// Loads, and reconstructs one sample.
#include <eigencoder/io/safetensors.hpp>
#include <vector>

#include "model.hpp"

int main() {
  Model model;
  load(model, "size.safetensors");
  eigencoder::Predictor predictor(model);
  std::vector<float> x(784), y(784);
  predictor.reconstruct(x, y);
  return y[0] > 1;
}
