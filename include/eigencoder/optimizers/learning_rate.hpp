#pragma once

#include <concepts>
#include <eigencoder/core/shape.hpp>
#include <functional>
#include <type_traits>
#include <utility>

namespace eigencoder {

/// An optimiser's learning rate: a number, or a schedule, which is any function of the iteration, the number of steps
/// already taken: `Adam{.learning_rate = 1e-3}`, `Adam{.learning_rate = CosineDecay{...}}`, `[](Index iteration) {
/// return ...; }`.
class LearningRate {
 public:
  template <class Number>
  requires std::is_arithmetic_v<Number>
  explicit(false) LearningRate(Number constant) : constant_(static_cast<double>(constant)) {}

  /// A schedule that has a check() is checked here: throws its std::invalid_argument.
  template <class Schedule>
  requires(!std::is_arithmetic_v<Schedule> && !std::same_as<Schedule, LearningRate> &&
           std::is_invocable_r_v<double, const Schedule&, Index>) explicit(false) LearningRate(Schedule schedule) {
    if constexpr (requires { schedule.check(); }) schedule.check();
    schedule_ = std::move(schedule);
  }

  /// The rate of the training step numbered `step`, counting from 1: a schedule sees iteration step - 1, as in Keras.
  [[nodiscard]] double rate(Index step) const { return schedule_ ? schedule_(step - 1) : constant_; }
  [[nodiscard]] bool is_constant() const { return !schedule_; }

 private:
  double constant_ = 0;
  std::function<double(Index)> schedule_;
};

}  // namespace eigencoder
