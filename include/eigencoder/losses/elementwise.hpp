#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/sink.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What an elementwise loss is at one value and its target: l(y, t), and dl/dy.
template <class Register>
struct ElementLoss {
  Register value;
  Register gradient;
};

/// The loss of each sample, 1/n sum_k l(y_k, t_k) over the sample's n features; and, through the sink where it is
/// wanted, dy_k = weight / n dl/dy_k. The weight of a lane is its sample's share of the batch, 0 for a lane without a
/// sample (which must nevertheless hold finite values). Nothing else divides by a count.
///
/// `element(y, t)` gives an ElementLoss of registers.
template <class Pack, Layout Y, Layout T, class DY, class Function>
[[nodiscard]] inline Pack mean_over_features(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight,
                                             DY dy, Function element) {
  static_assert(ShapesMatch<T.shape, Y.shape>::value, "loss: the target must have the shape of the model's output");
  const Pack share = typename Pack::Scalar(1) / static_cast<typename Pack::Scalar>(Y.shape.size());
  const Pack scale = weight * share;
  Pack total(0);
  for_each_cell(
      Y.shape, [&](Index c, Index i, Index j) __attribute__((always_inline)) {
        simd::unroll<Pack::registers>([&](int r) __attribute__((always_inline)) {
          const auto loss = element(y(c, i, j).part[r], target(c, i, j).part[r]);
          total.part[r] += loss.value;
          if constexpr (DY::wanted) dy.store(c, i, j, r, loss.gradient * scale.part[r]);
        });
      });
  return total * share;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
