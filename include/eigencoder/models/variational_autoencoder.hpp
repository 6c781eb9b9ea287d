#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/gaussian_latent.hpp>
#include <eigencoder/models/encoder_decoder.hpp>
#include <eigencoder/models/generate.hpp>
#include <eigencoder/models/latent_paths.hpp>
#include <eigencoder/models/variational_bounds.hpp>
#include <optional>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace models {

/// A plain loss as the reconstruction term of an evidence lower bound.
template <class Loss>
struct AsLowerBound {
  struct type : EvidenceLowerBound<Loss> {
    explicit(false) type(Loss loss) : EvidenceLowerBound<Loss>{.reconstruction = loss} {}
  };
};
template <class Loss>
  requires IsLowerBound<Loss>
struct AsLowerBound<Loss> {
  using type = Loss;
};

}  // namespace models

/// An encoder x -> h, a normal distribution of the code z given h, and a decoder z -> y: a model of the data's
/// distribution, from which new samples can be drawn. A value: copies copy.
///
///     using Encoder = Sequential<Shape{784}, Dense<400, relu>>;
///     using Decoder = Sequential<Shape{20}, Dense<400, relu>, Dense<784, sigmoid>>;
///     VariationalAutoencoder<Encoder, Decoder, 20> model{Seed{42}};
///     fit(model, digits, BinaryCrossentropy{}, Adam{.learning_rate = 1e-3}, {.epochs = 10, .batch_size = 128});
///
/// Trained with a plain loss it minimises the EvidenceLowerBound with that loss. Its History has the metrics
/// "reconstruction", "kl" and "active_latent_units". `encode` gives the mean of the code, and `reconstruct` decodes
/// that. Tensors: "encoder.<i>...", "latent.mean.kernel", "latent.mean.bias", "latent.log_variance.kernel",
/// "latent.log_variance.bias", "decoder.<i>...".
/// The other members are inherited from EncoderDecoder. Source: Kingma, Welling, "Auto-encoding variational Bayes",
/// 2014.
template <class Encoder, class Decoder, Index Latent, class Scalar = float>
class VariationalAutoencoder
    : public EncoderDecoder<Encoder, network::List<typename GaussianLatent<Latent>::template Layer<Encoder::output>>,
                            Decoder, Scalar> {
  static_assert(ShapesMatch<Decoder::input, Shape{Latent}>::value,
                "VariationalAutoencoder: the decoder's input shape must be the number of latent units; compare "
                "ShapesMatch<decoder's, latent units>");
  static_assert(ShapesMatch<Decoder::output, Encoder::input>::value,
                "VariationalAutoencoder: the decoder's output shape must be the encoder's input shape; compare "
                "ShapesMatch<decoder's, encoder's>");

 public:
  using LatentLayer = typename GaussianLatent<Latent>::template Layer<Encoder::output>;
  using Base = EncoderDecoder<Encoder, network::List<LatentLayer>, Decoder, Scalar>;
  using Base::Base;
  using Base::code;
  using Base::decode;
  using Base::reconstruction_error;
  using typename Base::Network;

  /// What `fit` minimises when it is given a plain loss.
  template <class Loss>
  using Objective = typename models::AsLowerBound<Loss>::type;

  /// q(z | x), one row a sample.
  struct Distribution {
    Matrix<Scalar> mean;
    Matrix<Scalar> log_variance;
  };

  /// The distributions of the samples' codes. Throws std::invalid_argument if the samples have not the input's size.
  [[nodiscard]] Distribution encode_distribution(const Dataset& data, Index threads = 1) const {
    using Pack = typename Network::Pack;
    network::require_features(data, Base::input, "encode_distribution");
    Distribution result{Matrix<Scalar>(data.size(), Latent), Matrix<Scalar>(data.size(), Latent)};
    network::for_each_micro_batch<Network, 0, code>(
        this->parameters(), data, threads, [&](const auto& batch, auto& workspace, auto&) {
          const Pack* latent = workspace.template cache<code - 1>();
          std::vector<Pack> values(static_cast<std::size_t>(Latent));  // may be too many for the stack
          const auto store = [&](Matrix<Scalar>& matrix, auto value) {
            for (Index u = 0; u < Latent; ++u) values[static_cast<std::size_t>(u)] = value(latent, u);
            kernels::store_lanes(FeatureMap<const Pack, Layout{Shape{Latent}}>(values.data()), batch.size(),
                                 matrix.row(batch.first()).data(), Latent);
          };
          store(result.mean, [](const Pack* cache, Index u) { return LatentLayer::mean(cache, u); });
          store(result.log_variance, [](const Pack* cache, Index u) { return LatentLayer::log_variance(cache, u); });
        });
    return result;
  }

  /// Each sample's negative evidence lower bound in nats, with one draw of its code, a function of seed and sample.
  template <class Loss>
  [[nodiscard]] Vector<Scalar> reconstruction_error(const Dataset& data, const EvidenceLowerBound<Loss>& loss,
                                                    Index threads = 1, Seed seed = {}) const {
    return negative_lower_bounds(*this, data, loss, seed, threads);
  }

  /// New samples: n codes from the standard normal distribution, decoded; one row a sample. All get the same label if
  /// the decoder takes labels. Throws std::invalid_argument if n is negative.
  [[nodiscard]] Matrix<Scalar> sample(Index n, Seed seed = {}, std::optional<int> label = {}, Index threads = 1) const {
    return generate(*this, StandardNormal{Latent}, n, seed, label, threads);
  }

  /// What lies between two codes: `steps` points on the line from a to b, both included, decoded; one row each.
  template <class A, class B>
  [[nodiscard]] Matrix<Scalar> interpolate(const Eigen::DenseBase<A>& a, const Eigen::DenseBase<B>& b,
                                           Index steps) const {
    require_code("interpolate", a.size(), steps);
    require_code("interpolate", b.size(), steps);
    return decode(linear_path(row(a), row(b), steps));
  }

  /// What one unit of a code stands for: the code with that unit at `steps` values from `from` to `to`, decoded.
  template <class Code>
  [[nodiscard]] Matrix<Scalar> traverse(const Eigen::DenseBase<Code>& code, Index unit, Scalar from, Scalar to,
                                        Index steps) const {
    require_code("traverse", code.size(), steps);
    return decode(unit_path(row(code), unit, from, to, steps));
  }

 private:
  template <class Code>
  static Eigen::RowVector<Scalar, Eigen::Dynamic> row(const Eigen::DenseBase<Code>& code) {
    Eigen::RowVector<Scalar, Eigen::Dynamic> values(Latent);
    for (Index u = 0; u < Latent; ++u) values[u] = static_cast<Scalar>(code.derived()(u));
    return values;
  }
  static void require_code(const char* where, Index size, Index steps) {
    if (size != Latent)
      throw std::invalid_argument(std::string(where) + ": a code of " + std::to_string(size) + " values; expected " +
                                  std::to_string(Latent));
    if (steps < 2)
      throw std::invalid_argument(std::string(where) + ": " + std::to_string(steps) + " steps; expected at least 2");
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
