#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/penalties/penalized.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The loss of a codec, averaged over the samples:
///
///   R + lambda sum_k l(y_k, x_k),
///
/// where R, the bits of a sample's code, is the work of the encoder's last layer (QuantizedLatent), and l is the
/// distortion *summed* over the features. A larger lambda buys nearer reconstructions with longer codes: at the optimum
/// lambda is the bits that a unit of distortion less costs.
/// `RateDistortion<>{.lambda = 50}`. Source: Ballé, Laparra, Simoncelli, "End-to-end optimized image compression",
/// 2017.
template <class Distortion = MeanSquaredError>
struct RateDistortion {
  Distortion distortion{};
  double lambda = 50;

  static constexpr std::string_view name = "rate_distortion";
  static constexpr bool from_logits_of_sigmoid = Distortion::from_logits_of_sigmoid;
  static constexpr Range domain = domain_of<Distortion>;
  static constexpr bool accepts_missing = AcceptsMissing<Distortion>;

  void check(const Shape& output) const {
    if (!(lambda > 0 && std::isfinite(lambda)))
      throw std::invalid_argument("RateDistortion: lambda is " + std::to_string(lambda) + "; expected a number > 0");
    check_loss(distortion, output);
  }

  [[nodiscard]] constexpr auto penalties() const { return penalties_of(distortion); }

  /// Each sample's distortion times lambda, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    using Scalar = typename Pack::Scalar;
    const Pack scale(static_cast<Scalar>(lambda) * static_cast<Scalar>(Y.shape.size()));
    return scale * distortion.template evaluate<Logits>(y, target, weight * scale, dy);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
