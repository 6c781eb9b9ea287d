#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/code_indices.hpp>
#include <eigencoder/network/predict.hpp>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How much each part of an autoencoder's code is used.
struct CodeUse {
  std::string measure;  ///< what is told of each: "KL divergence in nats", "standard deviation", "share of cells"
  std::vector<double> values;  ///< one a unit, a channel of the code, or a code of a vector quantiser
  std::vector<Index> unused;   ///< those that tell (nearly) nothing of the sample
};

namespace inspect {

template <class Model>
concept IsVariational = requires(const Model& model, const Dataset& data) { model.encode_distribution(data); };

template <class Model>
concept IsQuantized = requires { Model::Network::template Layer<Model::code - 1>::cells; };

}  // namespace inspect

/// A variational model's units are unused, their posteriors collapsed, where the mean divergence KL(q(z_u | x) || N(0,
/// 1)) = mean of (mu^2 + exp(v) - v - 1) / 2 is below 0.01 nats. A quantiser's codes are where hardly any cell chooses
/// them, fewer than a tenth of an even share. All others are where the standard deviation of the unit, over samples and
/// the cells of its channel, is less than 1 % of the largest unit's.
template <class Model>
[[nodiscard]] CodeUse code_use(const Model& model, const Dataset& data) {
  CodeUse use;
  double least = 0;
  if constexpr (inspect::IsVariational<Model>) {
    use.measure = "KL divergence in nats";
    least = 0.01;
    const auto distribution = model.encode_distribution(data);
    const auto mean = distribution.mean.template cast<double>().array();
    const auto log_variance = distribution.log_variance.template cast<double>().array();
    const Eigen::ArrayXXd divergence = (mean.square() + log_variance.exp() - log_variance - 1) / 2;
    for (Index u = 0; u < divergence.cols(); ++u) use.values.push_back(divergence.col(u).mean());
  } else if constexpr (inspect::IsQuantized<Model>) {
    using Quantizer = typename Model::Network::template Layer<Model::code - 1>;
    use.measure = "share of cells";
    use.values.resize(static_cast<std::size_t>(Quantizer::tensors[0].dims[0]));
    const Matrix<int> indices = code_indices(model, data);
    for (const int index : indices.reshaped())
      use.values[static_cast<std::size_t>(index)] += 1 / static_cast<double>(indices.size());
    least = 0.1 / static_cast<double>(use.values.size());
  } else {
    use.measure = "standard deviation";
    constexpr Index channels = Model::latent.channels;
    const Matrix<double> codes = model.encode(data).template cast<double>();
    // (height, width, channels): a channel's values are every `channels`-th column.
    for (Index u = 0; u < channels; ++u) {
      const auto values = codes(Eigen::all, Eigen::seq(u, Eigen::last, Eigen::fix<channels>));
      use.values.push_back(std::sqrt((values.array() - values.mean()).square().mean()));
    }
    least = 0.01 * *std::ranges::max_element(use.values);
  }
  for (std::size_t u = 0; u < use.values.size(); ++u)
    if (!(use.values[u] > least)) use.unused.push_back(static_cast<Index>(u));
  return use;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
