#pragma once

#include <eigencoder/core/scheduled.hpp>
#include <eigencoder/core/target.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// An optimiser's learning rate: a number, or a schedule, which is any function of the iteration, the number of steps
/// already taken: `Adam{.learning_rate = 1e-3}`, `Adam{.learning_rate = CosineDecay{...}}`, `[](Index iteration) {
/// return ...; }`.
class LearningRate : public Scheduled {
 public:
  using Scheduled::Scheduled;

  /// The rate of the training step numbered `step`, counting from 1: a schedule sees iteration step - 1, as in Keras.
  [[nodiscard]] double rate(Index step) const { return at(step); }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
