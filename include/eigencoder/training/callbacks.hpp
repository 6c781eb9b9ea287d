#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/callback.hpp>
#include <eigencoder/training/events.hpp>
#include <limits>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// The best value of a quantity so far.
class Best {
 public:
  /// Whether `value` is better than the best by more than min_delta; it then is the best.
  bool improve(double value, double min_delta, bool maximize) {
    const double ascending = maximize ? value : -value;
    if (!(ascending - min_delta > best_)) return false;
    best_ = ascending;
    return true;
  }
  /// Negated where less is better.
  double& ascending() { return best_; }

 private:
  double best_ = -std::numeric_limits<double>::infinity();
};

inline void require_callback(bool good, const char* message) {
  if (!good) throw std::invalid_argument(message);
}

}  // namespace detail

/// Ends the training when `monitor` has not improved by more than min_delta for `patience` epochs in a row.
/// Keras: EarlyStopping.
struct EarlyStopping {
  /// "validation_loss", "loss" or the name of a metric in the history.
  std::string monitor = "validation_loss";
  double min_delta = 0;
  Index patience = 0;
  /// Whether a larger value is better.
  bool maximize = false;
  /// Whether the model shall have the parameters of the best epoch in the end, whatever ended the training: also an
  /// exception, such as DivergenceError.
  bool restore_best_weights = false;
  /// Epochs before this one, from 0, do not count.
  Index start_from_epoch = 0;

  void operator()(EpochEnd& end) {
    detail::require_callback(patience >= 0 && min_delta >= 0, "EarlyStopping: patience and min_delta must be >= 0");
    const double value = end.value(monitor);
    if (end.epoch() < start_from_epoch) return;
    if (best_.improve(value, min_delta, maximize)) {
      waited_ = 0;
      if (restore_best_weights) end.keep_parameters();
    } else if (++waited_ >= patience) {
      end.stop();
    }
  }

  template <class F>
  void memory(F&& f) {
    f(best_.ascending());
    f(waited_);
  }

  // Not options: an aggregate's own memory.
  detail::Best best_{};
  Index waited_ = 0;
};

/// Multiplies the learning rate by `factor` when `monitor` has not improved by more than min_delta for `patience`
/// epochs in a row, but not below min_lr; then waits `cooldown` epochs before it counts again. Keras:
/// ReduceLROnPlateau.
struct ReduceLROnPlateau {
  /// "validation_loss", "loss" or the name of a metric in the history.
  std::string monitor = "validation_loss";
  double factor = 0.1;
  Index patience = 10;
  double min_delta = 1e-4;
  Index cooldown = 0;
  double min_lr = 0;
  /// Whether a larger value is better.
  bool maximize = false;

  void operator()(EpochEnd& end) {
    detail::require_callback(factor > 0 && factor < 1, "ReduceLROnPlateau: factor must be in (0, 1)");
    detail::require_callback(patience >= 0 && cooldown >= 0 && min_delta >= 0 && min_lr >= 0,
                             "ReduceLROnPlateau: patience, cooldown, min_delta and min_lr must be >= 0");
    if (cooling_ > 0) {
      --cooling_;
      waited_ = 0;
    }
    if (best_.improve(end.value(monitor), min_delta, maximize)) {
      waited_ = 0;
    } else if (cooling_ == 0 && ++waited_ >= patience && end.learning_rate() > min_lr) {
      end.scale_learning_rate(std::max(factor, min_lr / end.learning_rate()));
      cooling_ = cooldown;
      waited_ = 0;
    }
  }

  template <class F>
  void memory(F&& f) {
    f(best_.ascending());
    f(cooling_);
    f(waited_);
  }

  // Not options: an aggregate's own memory.
  detail::Best best_{};
  Index cooling_ = 0;
  Index waited_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
