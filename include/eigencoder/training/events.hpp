#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/history.hpp>
#include <eigencoder/training/model_view.hpp>
#include <eigencoder/training/snapshot.hpp>
#include <eigencoder/training/step_result.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What a callback asks for that `fit` does once all callbacks were called, so that what is saved has all of their
/// memory.
struct SaveRequest {
  std::function<void(const Snapshot&)> save;
  /// Only if the training ends here.
  bool only_at_end = false;
};

/// What a callback of `fit` sees after a training step, and what it may ask for.
class StepEnd {
 public:
  StepEnd(const StepResult& result, Index epoch, Index step, Index samples, double learning_rate)
      : result_(result), epoch_(epoch), step_(step), samples_(samples), learning_rate_(learning_rate) {}

  /// The batch's loss before the step.
  [[nodiscard]] double loss() const { return result_.loss; }
  [[nodiscard]] std::span<const Metric> metrics() const { return result_.metrics; }
  /// The epoch's number, from 0.
  [[nodiscard]] Index epoch() const { return epoch_; }
  /// The steps so far, those of earlier epochs among them.
  [[nodiscard]] Index step() const { return step_; }
  /// The samples of this epoch so far.
  [[nodiscard]] Index samples() const { return samples_; }
  [[nodiscard]] double learning_rate() const { return learning_rate_; }

  /// No further steps: `fit` returns the history of the epochs before this one. A training resumed from here goes on.
  void stop() { stopped_ = true; }
  /// Calls save(snapshot) when all callbacks have seen this step.
  void save(std::function<void(const Snapshot&)> save) { saves_.push_back({std::move(save), false}); }

  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] const std::vector<SaveRequest>& saves() const { return saves_; }

 private:
  const StepResult& result_;
  Index epoch_;
  Index step_;
  Index samples_;
  double learning_rate_;
  std::vector<SaveRequest> saves_;
  bool stopped_ = false;
};

/// What a callback of `fit` sees after an epoch and its validation, and what it may ask for.
class EpochEnd {
 public:
  EpochEnd(const History& history, double learning_rate, std::function<void()> keep = {}, ModelView model = {},
           Index step = 0)
      : history_(history), learning_rate_(learning_rate), keep_(std::move(keep)), model_(model), step_(step) {}

  /// All epochs up to this one.
  [[nodiscard]] const History& history() const { return history_; }
  /// The epoch's number, from 0.
  [[nodiscard]] Index epoch() const { return static_cast<Index>(history_.epochs()) - 1; }
  /// The learning rate of the last step, with what callbacks have asked for since.
  [[nodiscard]] double learning_rate() const { return learning_rate_ * factor_; }

  /// The steps so far.
  [[nodiscard]] Index step() const { return step_; }
  /// The model as it is now.
  [[nodiscard]] const ModelView& model() const { return model_; }

  /// No further epochs, neither now nor in a training resumed from here.
  void stop() { stopped_ = true; }
  /// Multiplies the learning rate, or all of its schedule, from now on.
  void scale_learning_rate(double factor) { factor_ *= factor; }
  /// The parameters as they are now are those that the model has after `fit`, also if it ends by an exception, unless
  /// others are kept later.
  void keep_parameters() {
    if (keep_) keep_();
  }

  /// Calls save(snapshot) when all callbacks have seen this epoch.
  void save(std::function<void(const Snapshot&)> save) { saves_.push_back({std::move(save), false}); }
  /// The same, but only if this is the last epoch.
  void save_at_end(std::function<void(const Snapshot&)> save) { saves_.push_back({std::move(save), true}); }

  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] const std::vector<SaveRequest>& saves() const { return saves_; }
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
  ModelView model_;
  Index step_;
  std::vector<SaveRequest> saves_;
  bool stopped_ = false;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
