#pragma once

#include <eigencoder/core/target.hpp>
#include <span>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A quantity of a batch besides its loss, by name.
struct Metric {
  std::string_view name;
  double value;
};

/// What a training step was like.
struct StepResult {
  /// The batch's mean loss before the step, with all that layers, penalties and regularisers add.
  double loss;
  /// "reconstruction", the loss without what layers add to it, what these report, each penalty on the code by its name
  /// with the code's "mean_activation" and "active_units", and "weight_penalty". The second of a name is told as
  /// name_2, and so on. They live until the trainer's next step.
  std::span<const Metric> metrics;

  explicit(false) operator double() const { return loss; }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
