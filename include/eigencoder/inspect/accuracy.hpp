#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <span>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The share of the samples whose predicted label is theirs. Throws std::invalid_argument unless there are as many of
/// the one as of the other, and at least one. scikit-learn: accuracy_score.
[[nodiscard]] inline double accuracy(std::span<const int> predicted, std::span<const int> labels) {
  if (predicted.size() != labels.size() || labels.empty())
    throw std::invalid_argument("accuracy: " + std::to_string(predicted.size()) + " predictions for " +
                                std::to_string(labels.size()) + " labels");
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += predicted[i] == labels[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
