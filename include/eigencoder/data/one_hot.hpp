#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <span>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Labels as a classifier's targets: a row of `classes` numbers for each, 1 in the label's column and 0 elsewhere.
/// Throws std::invalid_argument for a label outside 0 ... classes - 1. Keras: to_categorical.
[[nodiscard]] inline Dataset one_hot(std::span<const int> labels, Index classes) {
  Matrix<float> targets = Matrix<float>::Zero(static_cast<Index>(labels.size()), classes);
  for (Index i = 0; i < targets.rows(); ++i) {
    const int label = labels[static_cast<std::size_t>(i)];
    if (label < 0 || label >= classes)
      throw std::invalid_argument("one_hot: sample " + std::to_string(i) + " has the label " + std::to_string(label) +
                                  "; expected 0 to " + std::to_string(classes - 1));
    targets(i, label) = 1;
  }
  return targets;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
