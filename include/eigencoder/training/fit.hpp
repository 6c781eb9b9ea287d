#pragma once

#include <eigencoder/training/fit_options.hpp>
#include <eigencoder/training/progress.hpp>
#include <eigencoder/training/trainer.hpp>

namespace eigencoder {

/// Trains a model to reconstruct the data and returns how it went.
///
/// Throws std::invalid_argument for options out of range, samples of the wrong size and values that are not finite;
/// std::runtime_error if the loss or the gradient stops being finite, with the parameters as before that step.
template <class Model, class Loss, class Optimizer>
History fit(Model& model, const Dataset& data, Loss loss, Optimizer optimizer, const FitOptions& options = {}) {
  const bool split = options.validation.empty() && options.validation_split > 0;
  const Index held_back = split ? static_cast<Index>(static_cast<double>(data.size()) * options.validation_split) : 0;
  const Dataset training = data.slice(0, data.size() - held_back);
  const Dataset validation = split ? data.slice(training.size(), held_back) : options.validation;
  options.check(training.size());
  models::require_features(data, Model::input, "fit");
  models::require_features(validation, Model::input, "fit: validation");
  data.check_finite();
  validation.check_finite();

  Trainer<Model, Loss, Optimizer> trainer(model, loss, optimizer, options.seed, static_cast<int>(options.threads));
  std::vector<Index> order(static_cast<std::size_t>(training.size()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto batch_size = static_cast<std::size_t>(options.batch_size);

  History history;
  const auto epochs = static_cast<std::size_t>(options.epochs);
  for (auto* entries : {&history.loss, &history.validation_loss, &history.seconds, &history.samples_per_second})
    entries->reserve(epochs);
  training::Progress progress(options.progress, options.epochs, training.size());

  for (Index epoch = 0; epoch < options.epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    if (options.shuffle) Random(options.seed, epoch).shuffle(order);
    double sum = 0;
    for (std::size_t first = 0; first < order.size(); first += batch_size) {
      const auto batch = std::span<const Index>(order).subspan(first, std::min(batch_size, order.size() - first));
      sum += trainer.step(training, batch, epoch) * static_cast<double>(batch.size());
      const auto done = static_cast<Index>(first + batch.size());
      progress.step(epoch, done, sum / static_cast<double>(done));
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    history.loss.push_back(sum / static_cast<double>(order.size()));
    history.seconds.push_back(seconds);
    history.samples_per_second.push_back(static_cast<double>(order.size()) / seconds);
    if (!validation.empty()) history.validation_loss.push_back(trainer.evaluate(validation));
    progress.epoch(history);
  }
  return history;
}

/// The mean loss of the model's reconstructions of the data. threads 0: all cores.
/// Throws std::invalid_argument if there are no samples, or of the wrong size.
template <class Model, class Loss>
double evaluate(const Model& model, const Dataset& data, Loss loss, int threads = 0) {
  if (data.empty()) throw std::invalid_argument("evaluate: the data have no samples");
  return model.reconstruction_error(data, loss, threads).template cast<double>().mean();
}

}  // namespace eigencoder
