#include "everything.hpp"

double loss_of_saved(const char* path, const eigencoder::Matrix<float>& x) {
  Model model{eigencoder::Seed{2}};
  load(model, path);
  return evaluate(model, x, eigencoder::BinaryCrossentropy{});
}
