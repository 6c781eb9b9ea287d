#pragma once

#include <eigencoder/core/target.hpp>
#include <map>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What a training was like: one entry an epoch.
struct History {
  std::vector<double> loss;                            ///< mean over the epoch's samples, as they were when trained on
  std::vector<double> validation_loss;                 ///< the same quantity, see `evaluate`, after the epoch; or empty
  std::vector<double> seconds;                         ///< the epoch's training time
  std::vector<double> samples_per_second;              ///< in training
  std::vector<double> learning_rate;                   ///< of the epoch's last step
  std::map<std::string, std::vector<double>> metrics;  ///< what a family of models adds, by name

  [[nodiscard]] std::size_t epochs() const { return loss.size(); }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
