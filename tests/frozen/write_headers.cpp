/// Writes frozen headers of small models with all weights: `write_headers FOLDER`. run.cpp includes them.

#include <eigencoder/io/frozen.hpp>

#include "formats/models.hpp"

using namespace eigencoder;

namespace {

template <class Model>
void write(const std::filesystem::path& folder, const std::string& name, Model model, Weights weights) {
  test::randomize(model);
  write_frozen_header(model, folder / (name + ".hpp"),
                      {.name = name, .weights = weights, .calibration = test::samples_for<Model>(20)});
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  write(folder, "dense_float", test::Activations{Seed{1}}, Weights::float32);
  write(folder, "dense_int8", test::Activations{Seed{1}}, Weights::int8);
  write(folder, "conv_float16", test::Convolutional{Seed{2}}, Weights::float16);
  write(folder, "conv_int8", test::Convolutional{Seed{2}}, Weights::int8);
  write(folder, "odd_bfloat16", test::OddTransposed{Seed{3}}, Weights::bfloat16);
  write(folder, "odd_int8", test::OddTransposed{Seed{3}}, Weights::int8);
  write(folder, "pools_int8", test::Pools{Seed{4}}, Weights::int8);
  write(folder, "variational_float", test::Variational{Seed{5}}, Weights::float32);
}
