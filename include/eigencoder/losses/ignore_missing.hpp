#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/penalties/penalized.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Missing values are left out: 1/n times the sum of l(y_k, t_k) over those of a sample's n features whose target t_k
/// is a number and not NaN, for a loss that is a mean over features; dl/dy_k is 0 for the others. So each value that
/// there is counts the same, and a missing one as if it had been met.
///
/// `fit` and `evaluate` with this loss take data with NaNs, and show the model 0 in their place (see without_missing);
/// data that are normalised to mean 0 so become average ones. `IgnoreMissing{MeanSquaredError{}}`.
template <class Loss>
struct IgnoreMissing {
  static_assert(!IsLowerBound<Loss>,
                "IgnoreMissing: a bound is no mean over features; let its reconstruction ignore what is missing, "
                ".reconstruction = IgnoreMissing{MeanSquaredError{}}");

  Loss loss;

  static constexpr std::string_view name = Loss::name;
  static constexpr bool from_logits_of_sigmoid = Loss::from_logits_of_sigmoid;
  static constexpr Range domain = domain_of<Loss>;
  static constexpr bool accepts_missing = true;

  void check(const Shape&) const { check_loss(loss, Shape{1}); }

  [[nodiscard]] constexpr auto penalties() const { return penalties_of(loss); }

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    static_assert(ShapesMatch<T.shape, Y.shape>::value, "loss: the target must have the shape of the model's output");
    const Pack share = typename Pack::Scalar(1) / static_cast<typename Pack::Scalar>(Y.shape.size());
    const Pack scale = weight * share;
    Pack total(0);
    for_each_cell(Y.shape, [&](Index c, Index i, Index j) {
      const Pack observed = target(c, i, j) == target(c, i, j);
      const Pack number = keep(observed, target(c, i, j));
      const detail::CellSink<DY> cell{dy, c, i, j};
      total += keep(observed, detail::evaluate_cell<Logits>(loss, y(c, i, j), number, keep(observed, scale), cell));
    });
    return total * share;
  }
};

template <class Loss>
IgnoreMissing(Loss) -> IgnoreMissing<Loss>;

}  // namespace eigencoder::inline EIGENCODER_TARGET
