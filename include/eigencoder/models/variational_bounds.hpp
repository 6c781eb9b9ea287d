#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/evidence_lower_bound.hpp>
#include <eigencoder/network/objective.hpp>
#include <eigencoder/network/output_range.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace models {

/// A draw of a micro-batch's codes: each sample's reconstruction loss, and the latent layer's cache.
template <class Pack>
struct Draw {
  Pack reconstruction;
  const Pack* latent;
};

/// For every micro-batch of the data, stores f(draw) into `results`, where draw(k) makes the k-th Draw of its codes.
template <class Model, class Reconstruction, class Function>
Vector<typename Model::Scalar> from_draws(const Model& model, const Dataset& data,
                                          const EvidenceLowerBound<Reconstruction>& loss, const Context& context,
                                          Index threads, const Function& f) {
  using Chosen = network::LossNetwork<typename Model::Network, EvidenceLowerBound<Reconstruction>>;
  using Network = typename Chosen::type;
  using Pack = typename Network::Pack;
  constexpr int latent = Model::code - 1;
  static_assert(network::output_suits<Model, Reconstruction>,
                "the evidence lower bound: the reconstruction loss is defined in [0, 1] only, and the decoder's last "
                "activation gives other values; end the decoder in sigmoid");
  static_assert(!AcceptsMissing<Reconstruction>,
                "the evidence lower bound of data with missing values: train with it only");
  static_assert(
      !has_penalties<Reconstruction>,
      "the evidence lower bound of each sample: penalties are of the whole model; give the loss without them");
  loss.check(Network::output);
  network::require_features(data, Network::input, "evidence lower bound");
  network::require_targets<EvidenceLowerBound<Reconstruction>>(data, "evidence lower bound: the value");
  Vector<typename Model::Scalar> results(data.size());
  const auto take = [&](const auto& batch, auto& workspace, auto& pass) {
    const auto draw = [&](int k) {
      pass.context.epoch = static_cast<std::uint64_t>(k);
      Network::template forward<latent, Network::count>(pass, workspace);
      return Draw<Pack>{
          network::evaluate_loss<Chosen>(loss, workspace, false, Pack(1), network::NoOutputGradient<Network>{}),
          workspace.template cache<latent>()};
    };
    alignas(simd::alignment) typename Pack::Scalar values[static_cast<std::size_t>(Pack::lanes)];
    f(draw).store(values);
    std::copy_n(values, batch.size(), results.data() + batch.first());
  };
  network::for_each_micro_batch<Network, 0, latent>(model.parameters(), data, threads, take, context);
  network::require_numbers(results, data);
  return results;
}

}  // namespace models

/// Each sample's negative evidence lower bound in nats, with one draw of its code, a function of seed and sample.
/// threads 0: all cores.
template <class Model, class Reconstruction = BinaryCrossentropy>
[[nodiscard]] Vector<typename Model::Scalar> negative_lower_bounds(const Model& model, const Dataset& data,
                                                                   const EvidenceLowerBound<Reconstruction>& loss = {},
                                                                   Seed seed = {}, Index threads = 0) {
  Context context{.seed = seed};
  loss.prepare(context, 0);
  return models::from_draws(model, data, loss, context, threads, [&](const auto& draw) {
    const auto drawn = draw(0);
    return drawn.reconstruction + Model::LatentLayer::added_loss(drawn.latent, context);
  });
}

/// The estimate of -log p(x) in nats, averaged over the samples, from K draws z_k ~ q(z | x) of each sample's code:
///
///   -log(1/K sum_k p(x | z_k) p(z_k) / q(z_k | x)).
///
/// Its expectation falls with K, from the negative lower bound at K = 1 towards -log p(x). With MeanSquaredError,
/// p(x | z) is normal with variance 1/2, but for a constant. threads 0: all cores.
/// Source: Burda, Grosse, Salakhutdinov, "Importance weighted autoencoders", 2016.
/// Throws std::invalid_argument if there are no samples, or of the wrong size, or K < 1.
template <class Model, class Reconstruction = BinaryCrossentropy>
[[nodiscard]] double negative_log_likelihood(const Model& model, const Dataset& data, int K, Seed seed = {},
                                             Reconstruction reconstruction = {}, Index threads = 0) {
  using Scalar = typename Model::Scalar;
  if (data.empty()) throw std::invalid_argument("negative_log_likelihood: the data have no samples");
  if (K < 1)
    throw std::invalid_argument("negative_log_likelihood: K is " + std::to_string(K) + "; expected at least 1");
  const EvidenceLowerBound<Reconstruction> loss{.reconstruction = reconstruction};
  Context context{.seed = seed};
  loss.prepare(context, 0);
  const auto estimates = models::from_draws(model, data, loss, context, threads, [&](const auto& draw) {
    const auto log_weight = [&](int k) {
      const auto drawn = draw(k);
      return Model::LatentLayer::log_prior_ratio(drawn.latent) - drawn.reconstruction;
    };
    // log sum_k exp(w_k) from the largest w so far and the sum of exp(w_k - largest), which cannot overflow.
    auto largest = log_weight(0);
    decltype(largest) total(1);
    for (int k = 1; k < K; ++k) {
      const auto w = log_weight(k);
      const auto larger = max(largest, w);
      total = total * exp(largest - larger) + exp(w - larger);
      largest = larger;
    }
    return -(largest + log(total / decltype(largest)(static_cast<Scalar>(K))));
  });
  return estimates.template cast<double>().mean();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
