#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <eigencoder/training/fit_options.hpp>
#include <eigencoder/training/order.hpp>
#include <eigencoder/training/progress.hpp>
#include <eigencoder/training/read_ahead.hpp>
#include <eigencoder/training/trainer.hpp>
#include <eigencoder/training/warnings.hpp>
#include <sstream>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace training {

/// The samples to train on and those to validate with, noise on both.
inline std::pair<Samples, Samples> split(const Dataset& data, const FitOptions& options) {
  const Samples all(data, options.targets, options.corruption, options.sample_weights);
  if (!options.validation.empty() || options.validation_split <= 0)
    return {all, Samples(options.validation, options.validation_targets, options.corruption)};
  const auto held_back = static_cast<Index>(static_cast<double>(data.size()) * options.validation_split);
  const Index kept = data.size() - held_back;
  if (!data.empty() && (held_back == 0 || kept == 0)) {
    std::ostringstream message;
    message << "fit: validation_split = " << options.validation_split << " of " << data.size()
            << " samples leaves none to " << (kept == 0 ? "train on" : "validate with");
    throw std::invalid_argument(message.str());
  }
  return {all.slice(0, kept), all.slice(kept, held_back)};
}

/// The means over an epoch of what its batches' metrics were.
class MetricMeans {
 public:
  void begin() {
    for (auto& [name, sum] : sums_) sum = 0;
  }
  void add(std::string_view name, double value) {
    const auto found = std::ranges::find(sums_, name, &std::pair<std::string, double>::first);
    if (found != sums_.end()) {
      found->second += value;
    } else {
      sums_.emplace_back(name, value);
    }
  }
  void finish(double samples, History& history) const {
    for (const auto& [name, sum] : sums_) history.metrics[name].push_back(sum / samples);
  }

 private:
  std::vector<std::pair<std::string, double>> sums_;
};

/// The parameters that a callback asked to keep. The model has them in the end, whatever that is.
template <class Model>
class KeptParameters {
 public:
  explicit KeptParameters(Model& model) : model_(model) {}
  KeptParameters(const KeptParameters&) = delete;
  KeptParameters& operator=(const KeptParameters&) = delete;
  ~KeptParameters() {
    if (!values_.empty()) std::ranges::copy(values_, model_.parameters().begin());
  }

  void keep() {
    const auto now = std::as_const(model_).parameters();
    values_.assign(now.begin(), now.end());
  }

 private:
  Model& model_;
  std::vector<typename Model::Scalar> values_;
};

}  // namespace training

/// Trains a model to reconstruct the data and returns how it went.
///
/// Throws std::invalid_argument for options out of range, samples of the wrong size, values that are not finite (but
/// for NaN with a loss that accepts missing values) and targets that the loss is not defined for; DivergenceError,
/// which has the history up to there, if the loss or the gradient stops being finite; and what callbacks, schedules,
/// noise, a loss, a layer or an optimiser of yours throw. A step that throws is as if it had not been taken, and the
/// model has the parameters of the last step, or those that a callback kept, see EarlyStopping.
template <class Model, concepts::Loss Loss, concepts::Optimizer Optimizer>
History fit(Model& model, const Dataset& data, Loss loss, Optimizer optimizer, const FitOptions& options = {}) {
  options.check();
  auto [training, validation] = training::split(data, options);
  if (training.input.empty()) throw std::invalid_argument("fit: there are no samples to train on");
  if (training.weights.size() > 0 && training.weights.maxCoeff() == 0)
    throw std::invalid_argument("fit: the weights of all samples are 0; nothing could be learnt");
  for (Samples* samples : {&training, &validation}) {
    network::require_features(samples->input, Model::input, "fit");
    network::require_features(samples->target, Model::Decoder::output, "fit: targets");
    if constexpr (AcceptsMissing<Loss>) {
      *samples = samples->with_complete_input();
    } else {
      samples->target.check_finite();
    }
    samples->input.check_finite();
    network::require_targets<Loss>(samples->what_to_make(),
                                   samples == &training ? "fit: the target" : "fit: the validation target");
  }
  if (options.warnings && options.progress) training::warn_of_slow_build();
  if (options.warnings) training::warn_of_unreachable<Model>(training.what_to_make());

  using Training = Trainer<Model, Loss, Optimizer>;
  const Index batch_size = std::min<Index>(options.batch_size, training.input.size());
  const Index parts = std::max(Training::micro_batches(batch_size), Training::micro_batches(validation.input.size()));
  Training trainer(model, loss, optimizer, options.seed, Workers::count(options.threads, parts));
  const Index block = std::min<Index>(options.shuffle_block, training.input.size());
  training::Order order(training.input.size(), (block + batch_size - 1) / batch_size * batch_size);
  training::ReadAhead read_ahead(training, order);

  History history;
  // Epochs do not allocate; but nobody waits for more of them than this, whatever the options say.
  const auto expected = static_cast<std::size_t>(std::min<Index>(options.epochs, 100'000));
  for (auto* entries :
       {&history.loss, &history.validation_loss, &history.seconds, &history.samples_per_second, &history.learning_rate})
    entries->reserve(expected);
  const auto step = [&, &samples = training](std::span<const Index> batch, Index epoch) {
    try {
      return trainer.step(samples, batch, epoch);
    } catch (const DivergenceError& error) {
      throw DivergenceError(error.what(), history);
    }
  };
  training::MetricMeans metrics;
  Callbacks callbacks = options.on_epoch_end;
  training::KeptParameters kept(model);
  training::Progress progress(options.progress, options.epochs, training.input.size());

  for (Index epoch = 0; epoch < options.epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    if (options.shuffle) order.shuffle(Random(options.seed, Stream::shuffle, epoch));
    read_ahead.begin();
    double sum = 0;
    metrics.begin();
    for (auto left = order.samples(); !left.empty();) {
      const auto batch = left.first(std::min(static_cast<std::size_t>(batch_size), left.size()));
      left = left.subspan(batch.size());
      const auto count = static_cast<double>(batch.size());
      const StepResult taken = step(batch, epoch);
      sum += taken.loss * count;
      for (const Metric& metric : taken.metrics) metrics.add(metric.name, metric.value * count);
      const auto done = static_cast<Index>(order.samples().size() - left.size());
      read_ahead.reached(static_cast<std::size_t>(done));
      progress.step(epoch, done, sum / static_cast<double>(done));
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    history.loss.push_back(sum / static_cast<double>(order.samples().size()));
    history.seconds.push_back(seconds);
    history.samples_per_second.push_back(static_cast<double>(order.samples().size()) / seconds);
    history.learning_rate.push_back(trainer.learning_rate());
    metrics.finish(static_cast<double>(order.samples().size()), history);
    if (!validation.input.empty()) history.validation_loss.push_back(trainer.evaluate(validation, options.batch_size));
    progress.epoch(history);
    EpochEnd end(history, trainer.learning_rate(), [&kept] { kept.keep(); });
    for (const auto& callback : callbacks) callback(end);
    trainer.scale_learning_rate(end.factor());
    if (end.stopped()) break;
  }
  return history;
}

/// Says what the loss or the optimiser misses.
template <class Model, class Loss, class Optimizer>
History fit(Model&, const Dataset&, Loss, Optimizer, const FitOptions& = {}) {
  (void)detail::RequireLoss<Loss>{};
  (void)detail::RequireOptimizer<Optimizer>{};
  return {};
}

/// The mean loss over the data, the very quantity that `fit` minimises and its history tells as `loss` and
/// `validation_loss`: with what layers, penalties on the code and regularisers of kernels add, and for a variational
/// autoencoder the whole bound. So does Keras. (`reconstruction_error` gives each sample's plain loss.) threads 0: all
/// cores. Penalties on a batch's mean code are averaged over batches of `batch_size`, by default that of `fit`.
/// Throws std::invalid_argument if there are no samples, or of the wrong size, or with values that are not finite or
/// that the loss is not defined for.
template <class Model, class Loss>
double evaluate(const Model& model, const Dataset& data, Loss loss, Index threads = 0, Index batch_size = 32) {
  if (data.empty()) throw std::invalid_argument("evaluate: the data have no samples");
  Samples samples(data);
  if constexpr (AcceptsMissing<Loss>) samples = samples.with_complete_input();
  network::require_targets<Loss>(samples.what_to_make(), "evaluate: the target");
  Model copy = model;
  const double mean = Trainer<Model, Loss, SGD>(copy, loss, SGD{}, Seed{}, threads).evaluate(samples, batch_size);
  if (!std::isfinite(mean)) samples.input.check_finite();
  return mean;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
