#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/losses/beta.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/penalties/penalized.hpp>
#include <limits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The loss of a variational autoencoder, averaged over the samples: the negative evidence lower bound in nats,
///
///   sum_k l(y_k, x_k) + beta sum_u max(KL_u, free_bits),   y = decoder(z), z ~ q(z | x),
///
/// with beta = 1 and free_bits = 0 a bound of -log p(x) from above. The reconstruction loss l is *summed* over the
/// features: binary cross-entropy for p(x | z) a Bernoulli distribution; mean squared error for a normal one of
/// variance 1/2, but for a constant. The second term is the work of the latent layer (GaussianLatent).
///
/// `VariationalAutoencoder` makes it of a plain loss by itself. `EvidenceLowerBound<MeanSquaredError>{.beta = 4}`.
template <class Reconstruction = BinaryCrossentropy>
struct EvidenceLowerBound {
  static_assert(!IsLowerBound<Reconstruction>, "EvidenceLowerBound: the reconstruction loss must be a plain loss");

  Reconstruction reconstruction{};
  /// A number or a schedule; where there is no training, the end of the schedule counts.
  Beta beta = 1;
  /// The nats that each latent unit's divergence has free of charge, in each sample.
  double free_bits = 0;

  static constexpr std::string_view name = "evidence_lower_bound";
  static constexpr bool from_logits_of_sigmoid = Reconstruction::from_logits_of_sigmoid;
  static constexpr Range domain = domain_of<Reconstruction>;
  static constexpr bool accepts_missing = AcceptsMissing<Reconstruction>;
  static constexpr bool describes_input = DescribesInput<Reconstruction>;
  static constexpr bool is_lower_bound = true;

  void check(const Shape& output) const {
    if (beta.is_constant()) check_beta(beta.at(1));
    if (!(free_bits >= 0))
      throw std::invalid_argument("EvidenceLowerBound: free_bits is " + std::to_string(free_bits) +
                                  "; expected a number >= 0");
    check_loss(reconstruction, output);
  }

  /// What the latent layer must know in a training step, counted from 1; 0: not in training.
  /// Throws std::invalid_argument if the schedule gives no number >= 0.
  void prepare(Context& context, Index step) const {
    context.sampling = true;
    context.added_loss_weight = beta.at(step > 0 ? step : std::numeric_limits<Index>::max());
    check_beta(context.added_loss_weight);
    context.added_loss_allowance = free_bits;
  }

  [[nodiscard]] constexpr auto penalties() const { return penalties_of(reconstruction); }

  /// Each sample's reconstruction loss, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    const Pack features(static_cast<typename Pack::Scalar>(Y.shape.size()));
    return features * reconstruction.template evaluate<Logits>(y, target, weight * features, dy);
  }

 private:
  static void check_beta(double value) {
    if (!(value >= 0))
      throw std::invalid_argument("EvidenceLowerBound: beta is " + std::to_string(value) + "; expected a number >= 0");
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
