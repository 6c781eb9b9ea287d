#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/penalties/penalized.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A loss of the first n = `features` outputs alone, 1/n sum_{k < n} l(y_k, t_k), for one that is a mean over features:
/// what a model of n outputs has, where a wider one has to do. dl/dy_k is 0 for the others.
/// `FirstFeatures{MeanSquaredError{}, 5}`.
template <class Loss>
struct FirstFeatures {
  static_assert(!IsLowerBound<Loss>, "FirstFeatures: a variational bound is no mean over features");

  Loss loss;
  Index features = 0;

  static constexpr std::string_view name = Loss::name;
  static constexpr bool from_logits_of_sigmoid = Loss::from_logits_of_sigmoid;
  static constexpr Range domain = domain_of<Loss>;
  static constexpr bool accepts_missing = AcceptsMissing<Loss>;

  void check(const Shape& output) const {
    check_loss(loss, Shape{1});
    if (features < 1 || features > output.size())
      throw std::invalid_argument("FirstFeatures: features is " + std::to_string(features) + "; expected 1 to " +
                                  std::to_string(output.size()) + ", the model's outputs");
  }

  [[nodiscard]] constexpr auto penalties() const { return penalties_of(loss); }

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    static_assert(ShapesMatch<T.shape, Y.shape>::value, "loss: the target must have the shape of the model's output");
    static_assert(Y.shape.is_flat(), "FirstFeatures: the model's output must be flat");
    using Scalar = typename Pack::Scalar;
    using Register = typename Pack::Register;
    const Pack share = Scalar(1) / static_cast<Scalar>(features);
    Pack total(0);
    for (Index k = 0; k < features; ++k) {
      const detail::CellSink<DY> cell{dy, k, 0, 0};
      total += detail::evaluate_cell<Logits>(loss, y(k, 0, 0), target(k, 0, 0), weight * share, cell);
    }
    if constexpr (DY::wanted)
      for (Index k = features; k < Y.shape.size(); ++k)
        for (int r = 0; r < Pack::registers; ++r) dy.store(k, 0, 0, r, Register(0));
    return total * share;
  }
};

template <class Loss, class Count>
FirstFeatures(Loss, Count) -> FirstFeatures<Loss>;

}  // namespace eigencoder::inline EIGENCODER_TARGET
