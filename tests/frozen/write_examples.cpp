/// Trains the models of the examples on the bundled digits, freezes them with float and with int8 weights, and says how
/// long a Predictor takes: `write_examples DATA FOLDER`. FOLDER/samples has the digits that run_example.cpp measures
/// with, as floats. See scripts/test-cortex-m.

#include <chrono>
#include <cstdio>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/io/frozen.hpp>
#include <eigencoder/models/predictor.hpp>
#include <fstream>

#include "examples.hpp"

using namespace eigencoder;
using namespace examples;

namespace {

template <class Model>
void freeze(const std::string& name, const Dataset& train, const Dataset& test, const std::filesystem::path& folder) {
  Model model{Seed{42}};
  fit(model, train, BinaryCrossentropy{}, Adam{.learning_rate = 1e-3},
      {.epochs = 12, .batch_size = 32, .seed = 1, .threads = 1, .progress = false});
  for (const auto& [weights, kind] : {std::pair{Weights::float32, "float"}, {Weights::int8, "int8"}})
    write_frozen_header(model, folder / (name + "_" + kind + ".hpp"),
                        {.name = name + "_" + kind, .weights = weights, .calibration = train.slice(0, 100)});
  Predictor predictor(model);
  const Matrix<float> samples = test.matrix<float>();
  std::vector<float> y(static_cast<std::size_t>(samples.cols()));
  double best = HUGE_VAL;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (Index i = 0; i < samples.rows(); ++i) predictor.reconstruct({samples.row(i).data(), y.size()}, y);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / static_cast<double>(samples.rows()));
  }
  std::printf("%-16s Predictor %8.2f us, mean squared error %.6f\n", name.c_str(), best,
              static_cast<double>(model.reconstruction_error(test).mean()));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const LabelledImages digits = read_mnist(arguments[1]);
  const std::filesystem::path folder = arguments[2];
  const Dataset train = digits.train, test = digits.test.slice(0, 200);
  const Matrix<float> samples = test.matrix<float>();
  std::ofstream(folder / "samples", std::ios::binary)
      .write(reinterpret_cast<const char*>(samples.data()),
             samples.size() * static_cast<std::streamsize>(sizeof(float)));
  freeze<Dense784>("dense", train, test, folder);
  freeze<Convolutional>("conv", train, test, folder);
  freeze<Strided>("strided", train, test, folder);
  freeze<Variational>("variational", train, test, folder);
}
