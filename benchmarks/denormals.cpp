/// What training costs where numbers are too small to be normal, beside the same where they are not: a training step of
/// a dense model, and an epoch at the begin and at the end of a long training. On one thread, in processor time.

#include <benchmark/benchmark.h>

#include <ctime>
#include <eigencoder/data/idx.hpp>
#include <eigencoder/eigencoder.hpp>
#include <numeric>

namespace {

using namespace eigencoder;
using Model = Autoencoder<Sequential<Shape{784}, Dense<64, relu>>, Sequential<Shape{64}, Dense<784, sigmoid>>>;

/// Steps that leave the parameters as they are, on these data, with this bias of the output.
void steps(benchmark::State& state, Index batch, float data, float bias) {
  const Matrix<float> x = Matrix<float>::Constant(batch, 784, data);
  Model model{Seed{3}};
  for (const NamedTensor& tensor : Model::tensors())
    if (tensor.name == "decoder.0.bias")
      std::ranges::fill(model.parameters().subspan(static_cast<std::size_t>(tensor.offset)), bias);
  Trainer trainer(model, BinaryCrossentropy{}, SGD{.learning_rate = 1e-30}, Seed{}, 1);
  std::vector<Index> numbers(static_cast<std::size_t>(batch));
  std::iota(numbers.begin(), numbers.end(), Index{0});
  const Samples samples(x);
  for (auto _ : state) trainer.step(samples, numbers);
}

/// Adam's moments of pixels that are black in every image decay into denormal numbers.
void decaying_moments(benchmark::State& state, Index batch, const Matrix<float>& x, Index warm_up) {
  Model model{Seed{3}};
  Trainer trainer(model, BinaryCrossentropy{}, Adam{}, Seed{}, 1);
  std::vector<Index> numbers(static_cast<std::size_t>(batch));
  std::iota(numbers.begin(), numbers.end(), Index{0});
  const Samples samples(x);
  const Samples black(Matrix<float>(Matrix<float>::Zero(x.rows(), x.cols())));
  for (Index step = 0; step < 50; ++step) trainer.step(samples, numbers);
  for (Index step = 0; step < warm_up; ++step) trainer.step(black, numbers);
  for (auto _ : state) trainer.step(black, numbers);
}

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// 150 epochs; the counters are the milliseconds of each of the first ten and of the last ten.
void epochs(benchmark::State& state, const Matrix<float>& x) {
  std::vector<double> ends;
  for (auto _ : state) {
    Model model{Seed{3}};
    ends = {processor_seconds()};
    FitOptions options{.epochs = 150, .batch_size = 256, .threads = 1, .progress = false};
    options.on_epoch_end = {[&](EpochEnd&) { ends.push_back(processor_seconds()); }};
    fit(model, x, BinaryCrossentropy{}, Adam{.learning_rate = 1e-2}, options);
  }
  state.counters["first_ms"] = (ends[10] - ends[0]) * 100;
  state.counters["last_ms"] = (ends[150] - ends[140]) * 100;
  state.counters["last/first"] = (ends[150] - ends[140]) / (ends[10] - ends[0]);
}

}  // namespace

int main(int count, char** arguments) {
  const Matrix<float> digits = read_idx(EXAMPLE_DATA_DIR "/train-images-idx3-ubyte.gz").matrix<float>();
  for (const Index batch : {1, 256}) {
    const auto add = [batch](const char* name, float data, float bias) {
      benchmark::RegisterBenchmark(("step/" + std::string(name) + "/" + std::to_string(batch)).c_str(), steps, batch,
                                   data, bias);
    };
    add("ordinary", 0.5F, 0);
    add("data_of_1e-39", 1e-39F, 0);
    add("logits_of_-5", 0, -5);
    add("logits_of_-95", 0, -95);
    for (const Index steps : {0, 1000})
      benchmark::RegisterBenchmark(
          ("step/moments_after_" + std::to_string(steps) + "/" + std::to_string(batch)).c_str(),
          [=, &digits](benchmark::State& state) { decaying_moments(state, batch, digits, steps); });
  }
  benchmark::RegisterBenchmark("epochs/digits", epochs, digits)->Iterations(1)->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
