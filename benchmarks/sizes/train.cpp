// Trains and saves.
#include <eigencoder/io/safetensors.hpp>

#include "model.hpp"

int main() {
  const eigencoder::Matrix<float> x = (eigencoder::Matrix<float>::Random(100, 784).array() + 1) / 2;
  Model model{eigencoder::Seed{1}};
  fit(model, x, eigencoder::BinaryCrossentropy{}, eigencoder::Adam{}, {.epochs = 1});
  save(model, "size.safetensors");
}
