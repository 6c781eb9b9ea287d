#pragma once

#include <eigencoder/core/range.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/elementwise.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// l(y, t) = -t log(y) - (1 - t) log(1 - y) for a target t in [0, 1], averaged over the features and the batch.
///
/// A model that ends in a sigmoid, y = 1 / (1 + exp(-z)), gives its logits z instead of y, and
///   l = max(z, 0) - z t + log(1 + exp(-|z|)),   dl/dz = y - t,
/// which neither overflow nor saturate. From any other output, y is clipped to [1e-7, 1 - 1e-7], outside of which the
/// gradient is 0; inside, dl/dy = (y - t) / (y (1 - y)). Keras: BinaryCrossentropy.
struct BinaryCrossentropy {
  static constexpr std::string_view name = "binary_crossentropy";
  static constexpr bool from_logits_of_sigmoid = true;
  static constexpr Range domain{0, 1};

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    if constexpr (Logits) {
      return from_logits(y, target, weight, dy);
    } else {
      using Register = typename Pack::Register;
      return mean_over_features(
          y, target, weight, dy, [](Register a, Register t) __attribute__((always_inline)) { return clipped(a, t); });
    }
  }

 private:
  template <class Register>
  [[gnu::always_inline]] static ElementLoss<Register> clipped(Register y, Register t) {
    using Scalar = typename Register::Scalar;
    const Register low(Scalar(1e-7)), high(Scalar(1) - Scalar(1e-7)), one(1);
    const Register p = min(max(y, low), high);
    const Register gradient = (p - t) / (p * (one - p));
    return {-(t * log(p) + (one - t) * log(one - p)), keep(low <= y, keep(y <= high, gradient))};
  }

  /// The logarithms of many cells are taken as one, sum_k log(1 + e_k) = log prod_k (1 + e_k): each factor is in [1,
  /// 2], so a product of 32 is at most 2^32, and its rounding errors, 32 half ulps, are those that adding 32 logarithms
  /// would have.
  template <class Pack, Layout Y, Layout T, class DY>
  static Pack from_logits(FeatureMap<const Pack, Y> z, FeatureMap<const Pack, T> target, Pack weight, DY dz) {
    static_assert(ShapesMatch<T.shape, Y.shape>::value, "loss: the target must have the shape of the model's output");
    using Register = typename Pack::Register;
    const Pack share = typename Pack::Scalar(1) / static_cast<typename Pack::Scalar>(Y.shape.size());
    const Pack scale = weight * share;
    Pack total(0), product(1);
    int factors = 0;
    for_each_cell(
        Y.shape, [&](Index c, Index i, Index j) __attribute__((always_inline)) {
          simd::unroll<Pack::registers>([&](int r) __attribute__((always_inline)) {
            const Register a = z(c, i, j).part[r], t = target(c, i, j).part[r];
            const Register e = detail::exp_of_negative(-abs(a));
            const Register sum = Register(1) + e;
            total.part[r] += max(a, Register(0)) - a * t;
            product.part[r] *= sum;
            if constexpr (DY::wanted)
              dz.store(c, i, j, r, (select(a < Register(0), e, Register(1)) / sum - t) * scale.part[r]);
          });
          if (++factors == 32) {
            total += log(product);
            product = Pack(1);
            factors = 0;
          }
        });
    return (total + log(product)) * share;
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
