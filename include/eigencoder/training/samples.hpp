#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/missing.hpp>
#include <eigencoder/noise/augmentation.hpp>
#include <eigencoder/noise/corruption.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What a model is trained on.
struct Samples {
  Dataset input{};
  /// What it should make of it; empty: the input itself.
  Dataset target{};
  /// What is done to the input, and not to the target, afresh in every epoch.
  Corruption corruption{};
  /// What each sample counts for in the loss; empty: 1.
  Eigen::VectorXd weights{};
  /// What is done to input and target alike before that, afresh in every epoch.
  Augmentation augmentation{};

  /// Throws std::invalid_argument unless there are as many targets and weights as samples, or none, and all weights are
  /// finite numbers >= 0.
  explicit(false) Samples(const Dataset& in, const Dataset& out = {}, Corruption noise = {},
                          Eigen::VectorXd sample_weights = {}, Augmentation augment = {})
      : input(in),
        target(out),
        corruption(std::move(noise)),
        weights(std::move(sample_weights)),
        augmentation(std::move(augment)) {
    require_count(target.size(), "targets");
    require_count(weights.size(), "weights");
    for (Index i = 0; i < weights.size(); ++i)
      if (!(weights[i] >= 0 && std::isfinite(weights[i])))
        throw std::invalid_argument("the weight of sample " + std::to_string(i) + " is " + std::to_string(weights[i]) +
                                    "; expected a finite number >= 0");
  }

  /// Whether the target is another map than the model's input.
  [[nodiscard]] bool has_target() const { return !target.empty() || static_cast<bool>(corruption); }

  /// The targets, whether other data or the input itself.
  [[nodiscard]] const Dataset& what_to_make() const { return target.empty() ? input : target; }

  /// Samples first ... first + count - 1 with all that belongs to them.
  [[nodiscard]] Samples slice(Index first, Index count) const {
    const auto empty = weights.size() == 0;
    return {input.slice(first, count), target.empty() ? target : target.slice(first, count), corruption,
            empty ? weights : Eigen::VectorXd(weights.segment(first, count)), augmentation};
  }

  /// For losses that accept missing values: NaNs stay in the target, and the input has 0 in their place.
  [[nodiscard]] Samples with_complete_input() const {
    return {without_missing(input), target.empty() ? input : target, corruption, weights, augmentation};
  }

 private:
  void require_count(Index count, const char* what) const {
    if (count != 0 && count != input.size())
      throw std::invalid_argument("there are " + std::to_string(count) + " " + what + " for " +
                                  std::to_string(input.size()) + " samples");
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
