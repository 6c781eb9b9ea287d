#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/elementwise.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <numbers>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// l(y, t) = log(cosh(e)) with e = y - t, averaged over the features and the batch; dl/dy = tanh(e). About e^2 / 2 near
/// 0 and |e| - log 2 far from it. Keras: LogCosh.
struct LogCosh {
  static constexpr std::string_view name = "log_cosh";
  static constexpr bool from_logits_of_sigmoid = false;

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    static_assert(!Logits, "LogCosh: works on the model's output, not on logits");
    using Register = typename Pack::Register;
    return mean_over_features(
        y, target, weight, dy, [](Register a, Register t) __attribute__((always_inline)) { return element(a - t); });
  }

 private:
  template <class Register>
  [[gnu::always_inline]] static ElementLoss<Register> element(Register error) {
    using std::tanh;  // and not the activation of that name
    const Register size = abs(error);
    const Register slope = tanh(error);
    // log cosh e = -log(1 - tanh(e)^2) / 2, exact near 0; and |e| + log(1 + exp(-2 |e|)) - log 2, exact far from it.
    const Register is_near = size < detail::constant<Register>(0.5);
    const Register logarithm =
        detail::log_one_plus(select(is_near, -slope * slope, detail::exp_of_negative(-(size + size))));
    const Register far = size + logarithm - detail::constant<Register>(std::numbers::ln2);
    return {select(is_near, detail::constant<Register>(-0.5) * logarithm, far), slope};
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
