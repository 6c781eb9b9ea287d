#pragma once

#include <concepts>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/random/philox.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A distribution of codes that can be drawn from: `prior.sample(n, seed)` gives n codes, one a row, a function of the
/// seed.
template <class Prior>
concept LatentPrior = requires(const Prior& prior, Index n, Seed seed) {
  { prior.sample(n, seed) } -> std::convertible_to<Matrix<double>>;
};

/// The standard normal distribution of `size` values, which a variational autoencoder is trained to decode.
struct StandardNormal {
  Index size;

  /// Throws std::invalid_argument if n is negative.
  [[nodiscard]] Matrix<double> sample(Index n, Seed seed = {}) const {
    if (n < 0) throw std::invalid_argument("sample: n is " + std::to_string(n) + "; expected at least 0");
    Matrix<double> codes(n, size);
    Random random(seed, Stream::latent);
    for (double& value : codes.reshaped()) value = random.normal<double>();
    return codes;
  }
};

/// n new samples x = decoder(z), z drawn from the prior; one row a sample. All get the same label if the decoder takes
/// labels. The model may be any that has `decode`; a prior that was fitted to its codes makes a generator of an
/// autoencoder that is not variational, too. threads 0: all cores.
/// Source: Ghosh, Sajjadi, Vergari, Black, Schölkopf, "From variational to deterministic autoencoders", 2020.
template <class Model, LatentPrior Prior>
[[nodiscard]] Matrix<typename Model::Scalar> generate(const Model& model, const Prior& prior, Index n, Seed seed = {},
                                                      std::optional<int> label = {}, Index threads = 1) {
  const Matrix<double> drawn = prior.sample(n, seed);
  const Dataset codes(drawn.template cast<typename Model::Scalar>());
  return model.decode(label ? codes.with_labels(std::vector<int>(static_cast<std::size_t>(n), *label)) : codes,
                      threads);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
