// Writes the headers of frozen.cpp: `freeze FOLDER`.
#include <eigencoder/io/frozen.hpp>

#include "model.hpp"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  using namespace eigencoder;
  const Model model{Seed{1}};
  const Matrix<float> x = (Matrix<float>::Random(100, 784).array() + 1) / 2;
  const std::filesystem::path folder = arguments[1];
  write_frozen_header(model, folder / "float.hpp", {.name = "frozen"});
  write_frozen_header(model, folder / "int8.hpp", {.name = "frozen", .weights = Weights::int8, .calibration = x});
}
