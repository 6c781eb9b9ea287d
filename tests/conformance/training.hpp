#pragma once

#include <conformance/golden.hpp>
#include <conformance/hashed.hpp>
#include <eigencoder/eigencoder.hpp>

/// Training as the golden files' references did it: the samples in order, epoch after epoch, the last batch of each partial.
namespace test {

/// The loss of each of `steps` steps.
template <class Model, class Loss, class Optimizer>
std::vector<double> train(Model& model, const eigencoder::Dataset& data, const Loss& loss, const Optimizer& optimizer,
                          Index batch_size, int steps, int threads = 1) {
  eigencoder::Trainer<Model, Loss, Optimizer> trainer(model, loss, optimizer, {}, threads);
  std::vector<Index> order(static_cast<std::size_t>(data.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::vector<double> losses;
  for (Index first = 0; static_cast<int>(losses.size()) < steps;) {
    const Index count = std::min(batch_size, data.size() - first);
    losses.push_back(trainer.step(
        data, std::span<const Index>(order).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count))));
    first = first + count == data.size() ? 0 : first + count;
  }
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

/// Compares the kept sample of every parameter.
template <class Model>
void check_sampled_parameters(const Model& model, const Golden& golden) {
  for (const auto& tensor : Model::tensors()) {
    std::vector<double> sample;
    const auto values = part_of(model.parameters(), tensor);
    for (std::size_t i = 0; i < values.size(); i += sample_stride) sample.push_back(static_cast<double>(values[i]));
    check_agrees<typename Model::Scalar>(golden, "sample." + tensor.name, sample);
  }
}

}  // namespace test
