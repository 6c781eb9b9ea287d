#pragma once

/// A gradient check of whole models: what a training step subtracts from the parameters, with plain gradient descent of
/// rate 1, against central differences of the loss that it reports. So the walk of the micro-batches, the layers' own
/// losses, the penalties and the noise, which a fixed seed keeps the same, are all in it.

#include <eigencoder/eigencoder.hpp>

#include "gradients/harness.hpp"

namespace test {

struct ModelCheck {
  int threads = 1;
  eigencoder::Seed seed{3};
  Index epoch = 2;
  double h = 1e-5;
  double tolerance = 1e-6;
  /// Differences are taken of every `stride`-th parameter of each tensor.
  std::size_t stride = 1;
};

/// The loss of one step on all samples, which changes the model.
template <class Model, class Loss>
double take_step(Model& model, const eigencoder::Samples& data, const Loss& loss, const ModelCheck& check) {
  eigencoder::Trainer<Model, Loss, eigencoder::SGD> trainer(model, loss, eigencoder::SGD{.learning_rate = 1},
                                                            check.seed, check.threads);
  std::vector<Index> numbers(static_cast<std::size_t>(data.input.size()));
  std::iota(numbers.begin(), numbers.end(), Index{0});
  return trainer.step(data, numbers, check.epoch);
}

/// The gradient of the loss of one step on all samples.
template <class Model, class Loss>
std::vector<double> gradient_of(const Model& model, const eigencoder::Samples& data, const Loss& loss,
                                const ModelCheck& check = {}) {
  Model moved = model;
  take_step(moved, data, loss, check);
  std::vector<double> gradient(model.parameters().size());
  for (std::size_t k = 0; k < gradient.size(); ++k) gradient[k] = model.parameters()[k] - moved.parameters()[k];
  return gradient;
}

template <class Model, class Loss>
void check_model_gradient(const Model& model, const eigencoder::Samples& data, const Loss& loss,
                          const ModelCheck& check = {}) {
  static_assert(std::is_same_v<typename Model::Scalar, double>, "differences need double precision");
  const std::vector<double> gradient = gradient_of(model, data, loss, check);
  const auto loss_at = [&](std::size_t k, double value) {
    Model moved = model;
    moved.parameters()[k] = value;
    return take_step(moved, data, loss, check);
  };
  for (const auto& tensor : Model::tensors()) {
    Worst worst;
    double largest = 0;
    const auto first = static_cast<std::size_t>(tensor.offset);
    for (std::size_t k = first; k < first + static_cast<std::size_t>(tensor.size()); k += check.stride) {
      const double start = model.parameters()[k];
      worst.compare(gradient[k], (loss_at(k, start + check.h) - loss_at(k, start - check.h)) / (2 * check.h));
      largest = std::max(largest, std::abs(gradient[k]));
    }
    worst.require_below(check.tolerance, tensor.name);
    INFO(tensor.name << " has no gradient: nothing was checked");
    REQUIRE(largest > 0);
  }
}

/// Smooth samples in [0, 1], labelled i modulo `classes`.
inline eigencoder::Dataset smooth_samples(Index count, const Shape& shape, int classes = 3) {
  eigencoder::Matrix<double> x(count, shape.size());
  std::vector<int> labels(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    labels[static_cast<std::size_t>(i)] = static_cast<int>(i % classes);
    for (Index k = 0; k < x.cols(); ++k)
      x(i, k) = 0.5 + 0.5 * std::sin(0.3 * static_cast<double>(k * (1 + i % 3)) + static_cast<double>(i));
  }
  return eigencoder::Dataset(std::move(x), shape).with_labels(std::move(labels));
}

}  // namespace test
