#pragma once

#include <cmath>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/random/philox.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A code of each sample, one a row: of a variational autoencoder a draw of q(z | x), z_u = mean_u + exp(log_variance_u
/// / 2) e_u with e standard normal, a function of the seed; of any other model its encoder's output.
///
/// A prior that is to be decoded is fitted to draws and not to means, which lie closer together than what the decoder
/// was trained on. Throws std::invalid_argument if the samples have not the input's size.
template <class Model>
[[nodiscard]] Matrix<double> draw_codes(const Model& model, const Dataset& data, Seed seed = {}, Index threads = 1) {
  if constexpr (requires { model.encode_distribution(data, threads); }) {
    const auto code = model.encode_distribution(data, threads);
    Matrix<double> draws = code.mean.template cast<double>();
    Random random(seed, Stream::latent);
    for (Index i = 0; i < draws.rows(); ++i)
      for (Index u = 0; u < draws.cols(); ++u)
        draws(i, u) += std::exp(static_cast<double>(code.log_variance(i, u)) / 2) * random.normal<double>();
    return draws;
  } else {
    return model.encode(data, threads).template cast<double>();
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
