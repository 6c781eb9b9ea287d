#pragma once

#include <concepts>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <functional>
#include <type_traits>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace concepts {

/// A function of the iteration, the number of steps already taken, that is a learning rate or the like.
template <class S>
concept Schedule = std::copy_constructible<S> && std::is_invocable_r_v<double, const S&, Index>;

}  // namespace concepts

/// A number that may change as training goes on: a constant, or any function of the iteration, the number of steps
/// already taken.
class Scheduled {
 public:
  template <class Number>
    requires std::is_arithmetic_v<Number>
  explicit(false) Scheduled(Number constant) : constant_(static_cast<double>(constant)) {}

  /// A schedule that has a check() is checked here: throws its std::invalid_argument.
  template <class Schedule>
    requires(!std::is_arithmetic_v<Schedule> && !std::is_base_of_v<Scheduled, Schedule>)
  explicit(false) Scheduled(Schedule schedule) {
    static_assert(concepts::Schedule<Schedule>,
                  "schedule: it is neither a number nor a function of the iteration, `double operator()(Index) const`");
    if constexpr (concepts::Schedule<Schedule>) {
      if constexpr (requires { schedule.check(); }) schedule.check();
      schedule_ = std::move(schedule);
    }
  }

  /// The value in the training step numbered `step`, counting from 1: a schedule sees iteration step - 1.
  [[nodiscard]] double at(Index step) const { return schedule_ ? schedule_(step - 1) : constant_; }
  [[nodiscard]] bool is_constant() const { return !schedule_; }

 private:
  double constant_ = 0;
  std::function<double(Index)> schedule_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
