#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <eigencoder/training/fit_options.hpp>
#include <eigencoder/training/run.hpp>
#include <eigencoder/training/trainer.hpp>
#include <eigencoder/training/warnings.hpp>
#include <sstream>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace training {

/// The samples to train on and those to validate with, noise on both.
inline std::pair<Samples, Samples> split(const Dataset& data, const FitOptions& options) {
  const Samples all(data, options.targets, options.corruption, options.sample_weights, options.augmentation);
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
  Samples validation = all.slice(kept, held_back);
  validation.augmentation = {};
  return {all.slice(0, kept), validation};
}

/// Looks through samples that all ranks train on or validate with: each at its part of them. `what` the targets are
/// called.
template <class Loss, class Ranks>
void check_values(const Samples& samples, const std::string& what, const Ranks& ranks) {
  const auto check = [&](const Samples& part) {
    if constexpr (!AcceptsMissing<Loss>) part.target.check_finite();
    part.input.check_finite();
    network::require_targets<Loss>(part.what_to_make(), what);
  };
  const auto bound = [&](int rank) { return samples.input.size() * rank / ranks.size(); };
  const Index first = bound(ranks.rank()), count = bound(ranks.rank() + 1) - first;
  if (count == 0) return;
  try {
    check(samples.slice(first, count));
  } catch (const std::invalid_argument&) {
    check(samples);  // which counts from the first one
    throw;
  }
}

template <class Model, class Loss, class Optimizer, class Communicator>
History fit(Model& model, const Dataset& data, Loss loss, Optimizer optimizer, const FitOptions& options,
            const Communicator& communicator) {
  options.check();
  auto [training, validation] = split(data, options);
  if (training.input.empty()) throw std::invalid_argument("fit: there are no samples to train on");
  if (training.weights.size() > 0 && training.weights.maxCoeff() == 0)
    throw std::invalid_argument("fit: the weights of all samples are 0; nothing could be learnt");
  const distributed::Ranks ranks(communicator);
  for (Samples* samples : {&training, &validation}) {
    network::require_features(samples->input, Model::input, "fit");
    network::require_targets<Loss>(samples->input, samples->target, Model::input, Model::Decoder::output,
                                   "fit: targets");
    if constexpr (AcceptsMissing<Loss>) *samples = samples->with_complete_input();
    check_values<Loss>(*samples, samples == &training ? "fit: the target" : "fit: the validation target", ranks);
  }
  if (options.warnings && ranks.is_first()) {
    if (options.progress) warn_of_slow_build();
    warn_of_unreachable<Model>(training.what_to_make());
  }

  Run<Model, Loss, Optimizer, Communicator> run(model, loss, optimizer, training, validation, options, communicator);
  if (options.resume) run.resume();
  while (!run.is_over()) run.epoch();
  return run.history();
}

}  // namespace training

/// Trains a model to reconstruct the data and returns how it went.
///
/// Throws std::invalid_argument for options out of range, samples of the wrong size, values that are not finite (but
/// for NaN with a loss that accepts missing values) and targets that the loss is not defined for; DivergenceError,
/// which has the history up to there, if the loss or the gradient stops being finite; and what callbacks, schedules,
/// noise, a loss, a layer or an optimiser of yours throw; std::runtime_error naming the file if options.resume cannot
/// be read or is of another training, and then the model is as it was. A step that throws is as if it had not been
/// taken, and the model has the parameters of the last step, or those that a callback kept, see EarlyStopping.
template <class Model, concepts::Loss Loss, concepts::Optimizer Optimizer>
History fit(Model& model, const Dataset& data, Loss loss, Optimizer optimizer, const FitOptions& options = {}) {
  return training::fit(model, data, loss, optimizer, options, Alone{});
}

/// The same by several processes, the ranks of a communicator such as MpiCommunicator. All call it with the same model,
/// options and data, of which each reads what it needs: each takes its shards of every batch, and the gradients are
/// added up in the tree in which one process adds up its own. So the bits are those of one process, for any number of
/// ranks up to that of the shards, see training/shards.hpp; with more ranks there are as many shards.
///
/// The first rank prints, calls callbacks and saves; all end with the same parameters and history. What one rank
/// throws, all throw: that one what it threw, the others a RankError with the same sentence, unless all found it
/// themselves.
template <class Model, concepts::Loss Loss, concepts::Optimizer Optimizer, concepts::Communicator Communicator>
History fit(Model& model, const Dataset& data, Loss loss, Optimizer optimizer, const FitOptions& options,
            const Communicator& communicator) {
  History history;
  on_all_ranks(communicator, [&] { history = training::fit(model, data, loss, optimizer, options, communicator); });
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
