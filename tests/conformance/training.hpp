#pragma once

#include <conformance/golden.hpp>
#include <conformance/hashed.hpp>
#include <eigencoder/eigencoder.hpp>

/// Training as the golden files' references did it: the samples in order, epoch after epoch, each one's last batch
/// partial.
namespace test {

/// Calls f(trainer, loss) after each of `steps` steps.
template <class Model, class Loss, class Optimizer, class Function>
void train(Model& model, const eigencoder::Samples& data, const Loss& loss, const Optimizer& optimizer,
           Index batch_size, int steps, int threads, eigencoder::Seed seed, Function&& f) {
  eigencoder::Trainer<Model, Loss, Optimizer> trainer(model, loss, optimizer, seed, threads);
  std::vector<Index> order(static_cast<std::size_t>(data.input.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::span<const Index> rest = order;
  Index epoch = 0;
  for (int step = 0; step < steps; ++step) {
    const auto batch = rest.first(std::min(rest.size(), static_cast<std::size_t>(batch_size)));
    f(trainer, trainer.step(data, batch, epoch));
    rest = rest.subspan(batch.size());
    if (rest.empty()) {
      rest = order;
      ++epoch;
    }
  }
}

/// The loss of each of `steps` steps.
template <class Model, class Loss, class Optimizer>
std::vector<double> train(Model& model, const eigencoder::Samples& data, const Loss& loss, const Optimizer& optimizer,
                          Index batch_size, int steps, int threads = 1) {
  std::vector<double> losses;
  train(model, data, loss, optimizer, batch_size, steps, threads, {},
        [&](const auto&, double value) { losses.push_back(value); });
  return losses;
}

/// The first rows of a matrix.
template <class Scalar>
Matrix<Scalar> top(const Matrix<Scalar>& matrix, Index rows) {
  return matrix.topRows(rows);
}

inline constexpr int golden_steps = 20;
/// Of large tensors the golden files keep every 97th element.
inline constexpr std::size_t sample_stride = 97;

/// Sets all parameters to the numbers that the golden file's model began with: tensor k is stream 1 + k.
template <class Model>
void set_hashed_parameters(Model& model) {
  std::uint64_t stream = 1;
  for (const auto& tensor : Model::tensors())
    set_hashed_weights(stream++, {tensor.dims.begin(), tensor.dims.end()}, part_of(model.parameters(), tensor));
}

/// 20 steps of Adam from hashed weights and images, against the losses, outputs and sampled weights of the cases that
/// `large_model` in cases_dense.py writes: "steady" in float and double, "adam" in double only.
template <class Model>
void check_large_model(const Golden& golden, std::uint64_t stream, Index samples, Index batch_size, int threads) {
  using Scalar = typename Model::Scalar;
  const auto input = hashed_images<Scalar>(stream, samples, Model::input.size());
  const auto check = [&](const std::string& name, double epsilon) {
    CAPTURE(name, sizeof(Scalar), threads);
    Model model;
    set_hashed_parameters(model);
    const auto losses =
        train(model, eigencoder::Samples(input), eigencoder::BinaryCrossentropy{},
              eigencoder::Adam{.learning_rate = 1e-3, .epsilon = epsilon}, batch_size, golden_steps, threads);
    check_agrees<Scalar>(golden, name + ".loss", losses);
    check_agrees<Scalar>(golden, name + ".output", model.reconstruct(input.topRows(3)));
    for (const auto& tensor : Model::tensors()) {
      std::vector<double> sample;
      const auto values = part_of(model.parameters(), tensor);
      for (std::size_t i = 0; i < values.size(); i += sample_stride) sample.push_back(static_cast<double>(values[i]));
      check_agrees<Scalar>(golden, name + "." + tensor.name, sample);
    }
  };
  check("steady", 1e-4);
  if constexpr (std::is_same_v<Scalar, double>) check("adam", 1e-7);
}

}  // namespace test
