#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/elementwise.hpp>
#include <stdexcept>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// l(y, t) = e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), with e = y - t; averaged over the features and
/// the batch. dl/dy = min(max(e, -delta), delta). Keras: Huber.
struct Huber {
  double delta = 1;

  static constexpr std::string_view name = "huber";
  static constexpr bool from_logits_of_sigmoid = false;

  /// Throws std::invalid_argument unless delta is a positive number.
  void check(const Shape&) const {
    if (!(delta > 0)) throw std::invalid_argument("Huber: delta must be a positive number");
  }

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    static_assert(!Logits, "Huber: works on the model's output, not on logits");
    using Register = typename Pack::Register;
    const Register limit(static_cast<typename Pack::Scalar>(delta)), half(static_cast<typename Pack::Scalar>(0.5));
    return mean_over_features(
        y, target, weight, dy, [=](Register a, Register t) __attribute__((always_inline))->ElementLoss<Register> {
          const Register error = a - t;
          const Register clipped = min(max(error, -limit), limit);
          return {clipped * (error - half * clipped), clipped};
        });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
