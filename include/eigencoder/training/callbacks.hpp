#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/history.hpp>
#include <functional>
#include <limits>
#include <stdexcept>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What a callback of `fit` sees after an epoch and its validation, and what it may ask for.
class EpochEnd {
 public:
  EpochEnd(const History& history, double learning_rate, std::function<void()> keep = {})
      : history_(history), learning_rate_(learning_rate), keep_(std::move(keep)) {}

  /// All epochs up to this one.
  [[nodiscard]] const History& history() const { return history_; }
  /// The epoch's number, from 0.
  [[nodiscard]] Index epoch() const { return static_cast<Index>(history_.epochs()) - 1; }
  /// The learning rate of the last step, with what callbacks have asked for since.
  [[nodiscard]] double learning_rate() const { return learning_rate_ * factor_; }

  /// No further epochs.
  void stop() { stopped_ = true; }
  /// Multiplies the learning rate, or all of its schedule, from now on.
  void scale_learning_rate(double factor) { factor_ *= factor; }
  /// The parameters as they are now are those that the model has after `fit`, also if it ends by an exception, unless
  /// others are kept later.
  void keep_parameters() {
    if (keep_) keep_();
  }

  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] double factor() const { return factor_; }

  /// This epoch's "loss", "validation_loss" or metric of that name.
  /// Throws std::invalid_argument if the history has none.
  [[nodiscard]] double value(const std::string& name) const {
    if (name == "loss") return history_.loss.back();
    if (name == "validation_loss" && !history_.validation_loss.empty()) return history_.validation_loss.back();
    const auto found = history_.metrics.find(name);
    if (found == history_.metrics.end() || found->second.empty()) throw std::invalid_argument(unknown(name));
    return found->second.back();
  }

 private:
  [[nodiscard]] std::string unknown(const std::string& name) const {
    std::string known = "\"loss\"";
    if (!history_.validation_loss.empty()) known += ", \"validation_loss\"";
    for (const auto& [metric, values] : history_.metrics) known += ", \"" + metric + "\"";
    std::string message =
        "fit: a callback monitors \"" + name + "\", which this training does not have; it has " + known;
    if (name == "val_loss" && !history_.validation_loss.empty()) message += "; did you mean \"validation_loss\"?";
    if (name.starts_with("val") && history_.validation_loss.empty())
      message += "; \"validation_loss\" needs validation data, such as {.validation_split = 0.1}";
    return message;
  }

  const History& history_;
  double learning_rate_;
  double factor_ = 1;
  std::function<void()> keep_;
  bool stopped_ = false;
};

/// Called after every epoch, in their order: `fit(model, data, loss, Adam{}, {.epochs = 100, .on_epoch_end =
/// {EarlyStopping{.patience = 5}, [](EpochEnd& end) { ... }}})`. Each call of `fit` starts with fresh copies.
using Callbacks = std::vector<std::function<void(EpochEnd&)>>;

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

  // Not options: an aggregate's own memory.
  detail::Best best_{};
  Index cooling_ = 0;
  Index waited_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
