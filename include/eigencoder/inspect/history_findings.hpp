#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/finding.hpp>
#include <eigencoder/training/history.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::inspect {

/// The validation loss is 5 % above its least, and the training loss went on falling since; or it is half as large
/// again as the training loss.
inline void find_over_fitting(const History& history, std::vector<Finding>& findings) {
  const auto& validation = history.validation_loss;
  if (validation.size() < 2 || validation.size() != history.loss.size()) return;
  const auto best = std::ranges::min_element(validation);
  const auto epoch = best - validation.begin();
  const double training = history.loss.back(), last = validation.back();
  const std::string remedy =
      "EarlyStopping{.restore_best_weights = true}, a smaller model or code, noise on the input (corruption), l2 or "
      "more "
      "data may help";
  if (last - *best > 0.05 * std::abs(*best) && training < history.loss[static_cast<std::size_t>(epoch)]) {
    findings.push_back({Sickness::over_fitting, last,
                        "Over-fitting: the validation loss was least in epoch " + std::to_string(epoch + 1) + " (" +
                            inspect::short_number(*best) + ") and is " + inspect::short_number(last) +
                            " now, while the training loss went on falling",
                        remedy});
  } else if (training > 0 && last > 1.5 * training) {
    findings.push_back(
        {Sickness::over_fitting, last / training,
         "Over-fitting: the validation loss is " + inspect::short_number(last / training) + " times the training loss",
         remedy});
  }
}

/// The loss, an epoch an entry, rose in all by more than half of what was gained from the first to the last epoch.
inline bool find_rate_too_high(const std::vector<double>& loss, std::vector<Finding>& findings) {
  if (loss.size() < 3) return false;
  double risen = 0;
  int rises = 0;
  for (std::size_t k = 1; k < loss.size(); ++k) {
    if (!(loss[k] > loss[k - 1])) continue;
    risen += loss[k] - loss[k - 1];
    ++rises;
  }
  const double gained = loss.front() - loss.back();
  if (!(risen > 0.5 * std::max(gained, 0.0)) || !(risen > 0.01 * std::abs(loss.front()))) return false;
  findings.push_back({Sickness::learning_rate_too_high, static_cast<double>(rises),
                      "The learning rate is too high: the loss rose in " + std::to_string(rises) + " of " +
                          std::to_string(loss.size() - 1) + " epochs, from " + inspect::short_number(loss.front()) +
                          " at first to " + inspect::short_number(loss.back()),
                      "Try a tenth of it, ReduceLROnPlateau{} or global_clipnorm; learning_rate_range_test shows what "
                      "the loss bears"});
  return true;
}

/// The loss still falls in the last epoch by at least half of what it fell at first; or it never moved by 1 %, while
/// the model is hardly better than the mean sample.
inline void find_rate_too_low(const std::vector<double>& loss, bool near_mean, std::vector<Finding>& findings) {
  if (loss.size() < 3) return;
  const std::size_t last = loss.size() - 1;
  const double fell = loss[last - 1] - loss[last], at_first = loss[0] - loss[1];
  const bool still_falls = at_first > 0 && fell > 0.5 * at_first && fell > 0.002 * std::abs(loss[last]);
  const bool never_fell = near_mean && loss[0] - loss[last] < 0.01 * std::abs(loss[0]);
  if (!still_falls && !never_fell) return;
  const double share = 100 * (loss[0] - loss[last]) / std::abs(loss[0]);
  findings.push_back({Sickness::learning_rate_too_low, share,
                      "The learning rate is too low, or the epochs are too few: the loss fell by " +
                          inspect::short_number(share) + " % in " + std::to_string(loss.size()) + " epochs" +
                          (still_falls ? ", and still falls as at first" : ""),
                      "Try ten times the rate, or more epochs; learning_rate_range_test shows what the loss bears"});
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::inspect
