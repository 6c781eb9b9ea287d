#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/penalties/penalized.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A weight for each feature: 1/n sum_k v_k l(y_k, t_k) over a sample's n features, for a loss that is a mean over
/// them; the gradient is likewise v_k times the loss's. v is in (height, width, channels) order, so many finite numbers
/// >= 0 as the model has outputs. `Weighted{MeanSquaredError{}, weights}`.
template <class Loss>
struct Weighted {
  static_assert(!IsLowerBound<Loss>,
                "Weighted: a bound is no mean over features; weight its reconstruction, "
                ".reconstruction = Weighted{BinaryCrossentropy{}, weights}");

  Loss loss;
  Eigen::VectorXd weights;

  static constexpr std::string_view name = Loss::name;
  static constexpr bool from_logits_of_sigmoid = Loss::from_logits_of_sigmoid;
  static constexpr Range domain = domain_of<Loss>;
  static constexpr bool accepts_missing = AcceptsMissing<Loss>;

  void check(const Shape& output) const {
    check_loss(loss, Shape{1});
    if (weights.size() != output.size())
      throw std::invalid_argument("Weighted: there are " + std::to_string(weights.size()) +
                                  " weights for outputs of shape " + to_string(output));
    for (Index k = 0; k < weights.size(); ++k)
      if (!(weights[k] >= 0 && std::isfinite(weights[k])))
        throw std::invalid_argument("Weighted: the weight of feature " + std::to_string(k) + " is " +
                                    std::to_string(weights[k]) + "; expected a finite number >= 0");
  }

  [[nodiscard]] constexpr auto penalties() const { return penalties_of(loss); }

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    static_assert(ShapesMatch<T.shape, Y.shape>::value, "loss: the target must have the shape of the model's output");
    constexpr Shape shape = Y.shape;
    Pack total(0);
    for_each_cell(shape, [&](Index c, Index i, Index j) {
      const Index feature = (i * shape.width + j) * shape.channels + c;
      const Pack share(static_cast<typename Pack::Scalar>(weights[feature] / static_cast<double>(shape.size())));
      const detail::CellSink<DY> cell{dy, c, i, j};
      total += share * detail::evaluate_cell<Logits>(loss, y(c, i, j), target(c, i, j), weight * share, cell);
    });
    return total;
  }
};

template <class Loss, class Weights>
Weighted(Loss, Weights) -> Weighted<Loss>;

}  // namespace eigencoder::inline EIGENCODER_TARGET
