#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <eigencoder/testing/maps.hpp>
#include <eigencoder/training/trainer.hpp>
#include <numeric>

/// The check of a whole model's gradients: what a training step subtracts from the parameters, with plain gradient
/// descent of rate 1, against central differences of the loss that it reports. So the walk of the micro-batches, the
/// layers' own losses, the penalties and the noise, which a fixed seed keeps the same, are all in it.
namespace eigencoder::inline EIGENCODER_TARGET::testing {

/// How a model's gradients are checked.
struct ModelCheck {
  int threads = 1;
  Seed seed{3};
  Index epoch = 2;
  double h = 1e-5;
  double tolerance = 1e-6;
  /// Differences are taken of every `stride`-th parameter of each tensor.
  std::size_t stride = 1;
};

/// The loss of one step on all samples, which changes the model.
template <class Model, class Loss>
double take_step(Model& model, const Samples& data, const Loss& loss, const ModelCheck& check) {
  Trainer<Model, Loss, SGD> trainer(model, loss, SGD{.learning_rate = 1}, check.seed, check.threads);
  std::vector<Index> numbers(static_cast<std::size_t>(data.input.size()));
  std::iota(numbers.begin(), numbers.end(), Index{0});
  return trainer.step(data, numbers, check.epoch);
}

/// The gradient of the loss of one step on all samples.
template <class Model, class Loss>
std::vector<double> gradient_of(const Model& model, const Samples& data, const Loss& loss,
                                const ModelCheck& check = {}) {
  Model moved = model;
  take_step(moved, data, loss, check);
  std::vector<double> gradient(model.parameters().size());
  for (std::size_t k = 0; k < gradient.size(); ++k) gradient[k] = model.parameters()[k] - moved.parameters()[k];
  return gradient;
}

/// Checks the gradient of every parameter of a model. Throws Failure, also if all of a tensor's are 0: then nothing was
/// checked.
template <class Model, class Loss>
void check_model_gradients(const Model& model, const Samples& data, const Loss& loss, const ModelCheck& check = {}) {
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
    worst.require_below(check.tolerance, tensor.name + ": a parameter's gradient");
    require(largest > 0, tensor.name + ": all of its gradient is 0; nothing was checked");
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::testing
