#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/elementwise.hpp>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// l(y, t) = (y - t)^2, averaged over the features and the batch; dl/dy = 2 (y - t). Keras: MeanSquaredError.
struct MeanSquaredError {
  static constexpr std::string_view name = "mean_squared_error";
  static constexpr bool from_logits_of_sigmoid = false;

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    static_assert(!Logits, "MeanSquaredError: works on the model's output, not on logits");
    using Register = typename Pack::Register;
    return mean_over_features(
        y, target, weight, dy, [](Register a, Register t) __attribute__((always_inline))->ElementLoss<Register> {
          const Register error = a - t;
          return {error * error, error + error};
        });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
