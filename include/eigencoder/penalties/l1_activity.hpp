#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Sparsity of each sample's code h: weight sum_j |h_j|, averaged over the samples; derivative weight sign(h_j), 0 at
/// 0. Use: `MeanSquaredError{} + L1Activity{.weight = 1e-5}`. Keras: activity_regularizer = L1.
struct L1Activity {
  double weight = 0.01;

  static constexpr std::string_view name = "l1_activity";
  static constexpr bool over_batch = false;

  /// Throws std::invalid_argument, naming the field, its value and what was expected.
  void check() const {
    if (!(weight >= 0 && weight < std::numeric_limits<double>::infinity()))
      throw std::invalid_argument("L1Activity: weight is " + std::to_string(weight) +
                                  ", but must be a finite number >= 0");
  }

  template <class T>
  [[nodiscard]] T value(T h) const {
    return abs(h);
  }
  template <class T>
  [[nodiscard]] T gradient(T h) const {
    return keep(h > T(0), T(1)) - keep(h < T(0), T(1));
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
