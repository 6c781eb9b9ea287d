#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>
#include <numbers>
#include <vector>

/// Learning rates that change with the iteration i, the number of steps already taken: `Adam{.learning_rate =
/// CosineDecay{...}}`. Names and formulas are those of Keras, OneCycle's of PyTorch.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

inline void require_steps(std::string_view owner, std::string_view field, Index steps) {
  require(steps > 0, owner, field, static_cast<double>(steps), "at least 1");
}

}  // namespace detail

/// initial_learning_rate  decay_rate^(i / decay_steps); `staircase` rounds the exponent down: decay by steps.
struct ExponentialDecay {
  double initial_learning_rate = 0;
  Index decay_steps = 0;
  double decay_rate = 0;
  bool staircase = false;

  void check() const {
    detail::require_positive("ExponentialDecay", "initial_learning_rate", initial_learning_rate);
    detail::require_steps("ExponentialDecay", "decay_steps", decay_steps);
    detail::require_positive("ExponentialDecay", "decay_rate", decay_rate);
  }
  [[nodiscard]] double operator()(Index i) const {
    const double exponent = static_cast<double>(i) / static_cast<double>(decay_steps);
    return initial_learning_rate * std::pow(decay_rate, staircase ? std::floor(exponent) : exponent);
  }
};

/// values[k] with k the number of boundaries that i has passed: values[0] while i <= boundaries[0], and so on.
struct PiecewiseConstantDecay {
  std::vector<Index> boundaries;
  std::vector<double> values;

  void check() const {
    if (values.size() != boundaries.size() + 1)
      throw std::invalid_argument("PiecewiseConstantDecay: there must be one value more than boundaries");
    if (!std::is_sorted(boundaries.begin(), boundaries.end()))
      throw std::invalid_argument("PiecewiseConstantDecay: the boundaries must be in ascending order");
    for (const double value : values) detail::require_positive("PiecewiseConstantDecay", "a value", value);
  }
  [[nodiscard]] double operator()(Index i) const {
    const auto passed = std::lower_bound(boundaries.begin(), boundaries.end(), i) - boundaries.begin();
    return values[static_cast<std::size_t>(passed)];
  }
};

/// A half cosine from initial_learning_rate down to alpha times it, over decay_steps:
///   r ((1 - alpha) (1 + cos(pi i / decay_steps)) / 2 + alpha).
/// With a warmup_target the rate first rises in a line from initial_learning_rate to it, over warmup_steps, and falls
/// from there. Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
struct CosineDecay {
  double initial_learning_rate = 0;
  Index decay_steps = 0;
  double alpha = 0;
  std::optional<double> warmup_target{};
  Index warmup_steps = 0;

  void check() const {
    detail::require(initial_learning_rate >= 0 && std::isfinite(initial_learning_rate), "CosineDecay",
                    "initial_learning_rate", initial_learning_rate, "a finite number >= 0");
    detail::require_steps("CosineDecay", "decay_steps", decay_steps);
    detail::require(alpha >= 0 && alpha <= 1, "CosineDecay", "alpha", alpha, "in [0, 1]");
    detail::require(warmup_steps >= 0, "CosineDecay", "warmup_steps", static_cast<double>(warmup_steps), "at least 0");
    if (warmup_target) detail::require_positive("CosineDecay", "warmup_target", *warmup_target);
  }
  [[nodiscard]] double operator()(Index i) const {
    if (!warmup_target) return decayed(initial_learning_rate, i);
    if (i >= warmup_steps) return decayed(*warmup_target, i - warmup_steps);
    const double done = static_cast<double>(i) / static_cast<double>(warmup_steps);
    return initial_learning_rate + (*warmup_target - initial_learning_rate) * done;
  }

 private:
  [[nodiscard]] double decayed(double from, Index i) const {
    const double done = static_cast<double>(std::min(i, decay_steps)) / static_cast<double>(decay_steps);
    return from * ((1 - alpha) * 0.5 * (1 + std::cos(std::numbers::pi * done)) + alpha);
  }
};

/// Up and down again in total_steps: a half cosine from max_learning_rate / div_factor to max_learning_rate in the
/// first pct_start of the steps, then one down to the first rate / final_div_factor. Source: Smith, Topin,
/// "Super-convergence", 2018. PyTorch: OneCycleLR.
struct OneCycle {
  double max_learning_rate = 0;
  Index total_steps = 0;
  double pct_start = 0.3;
  double div_factor = 25;
  double final_div_factor = 1e4;

  void check() const {
    detail::require_positive("OneCycle", "max_learning_rate", max_learning_rate);
    detail::require_steps("OneCycle", "total_steps", total_steps);
    detail::require(pct_start >= 0 && pct_start <= 1, "OneCycle", "pct_start", pct_start, "in [0, 1]");
    detail::require_positive("OneCycle", "div_factor", div_factor);
    detail::require_positive("OneCycle", "final_div_factor", final_div_factor);
  }
  [[nodiscard]] double operator()(Index i) const {
    const double first = max_learning_rate / div_factor, last = first / final_div_factor;
    const double peak = pct_start * static_cast<double>(total_steps) - 1;
    const double end = static_cast<double>(total_steps - 1);
    const double now = std::min(static_cast<double>(i), end);
    if (now <= peak) return between(first, max_learning_rate, peak > 0 ? now / peak : 1);
    return between(max_learning_rate, last, end > peak ? (now - peak) / (end - peak) : 1);
  }

 private:
  /// Along half a cosine: `from` at done = 0, `to` at 1.
  static double between(double from, double to, double done) {
    return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * done));
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
