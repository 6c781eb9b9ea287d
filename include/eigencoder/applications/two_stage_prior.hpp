#pragma once

#include <cmath>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/scaler.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/losses/evidence_lower_bound.hpp>
#include <eigencoder/models/variational_autoencoder.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/training/fit.hpp>
#include <optional>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How a TwoStagePrior is trained.
struct TwoStagePriorOptions {
  Index epochs = 40;
  Index batch_size = 100;
  double learning_rate = 1e-3;
  Seed seed{};
  Index threads = 0;
  bool progress = true;
};

/// A second variational autoencoder, of the codes z of a first model: z = mean + scale y, y = decoder(u) + s e, with u
/// and e standard normal.
///
///     TwoStagePrior<20> prior;
///     prior.fit(draw_codes(model, train));
///     const Matrix<float> samples = generate(model, prior, 100, Seed{1});
///
/// The codes of a trained model are not distributed as the standard normal that it was trained towards; but they fill
/// their space, so that a second model, with a code as large, learns their distribution. Its variance s^2 is learnt,
/// too: a normal likelihood of variance s^2 is a squared error with beta = 2 s^2 (see EvidenceLowerBound), and the most
/// likely s^2 is the mean squared error. So a quarter of the epochs is for beta = 2 s^2 with s^2 = 1/10, and each of
/// the others for what the one before gave. Source: Dai, Wipf, "Diagnosing and enhancing VAE models", 2019.
template <Index Code, Index Hidden = 256>
class TwoStagePrior {
 public:
  using Options = TwoStagePriorOptions;
  using Encoder = Sequential<Shape{Code}, Dense<Hidden, relu>, Dense<Hidden, relu>>;
  using Decoder = Sequential<Shape{Code}, Dense<Hidden, relu>, Dense<Hidden, relu>, Dense<Code>>;
  using Model = VariationalAutoencoder<Encoder, Decoder, Code>;

  explicit TwoStagePrior(Options options = {}) : options_(options), model_(options.seed) {}

  /// Throws std::invalid_argument if there are no codes, or of another size, or not finite.
  TwoStagePrior& fit(const Matrix<double>& codes) {
    scaler_ = Scaler::standard(codes);
    const Dataset scaled = scaler_->apply(codes);
    variance_ = 0.1;
    for (Index quarter = 0; quarter < quarters; ++quarter) {
      const EvidenceLowerBound<MeanSquaredError> loss{.beta = 2 * variance_};
      const Index epochs = (options_.epochs * (quarter + 1)) / quarters - (options_.epochs * quarter) / quarters;
      if (epochs == 0) continue;
      const History history = eigencoder::fit(model_, scaled, loss, Adam{.learning_rate = options_.learning_rate},
                                              {.epochs = epochs,
                                               .batch_size = options_.batch_size,
                                               .seed = Seed{options_.seed.value + static_cast<std::uint64_t>(quarter)},
                                               .threads = options_.threads,
                                               .progress = options_.progress});
      variance_ = history.metrics.at("reconstruction").back() / static_cast<double>(Code);
    }
    return *this;
  }

  /// n codes, one a row. Throws std::invalid_argument if n is negative, and std::logic_error before `fit`.
  [[nodiscard]] Matrix<double> sample(Index n, Seed seed = {}) const {
    if (!scaler_) throw std::logic_error("TwoStagePrior: not fitted; call fit first");
    Matrix<double> codes = model_.sample(n, seed).template cast<double>();
    Random random(seed, Stream::corruption);
    for (double& value : codes.reshaped()) value += std::sqrt(variance_) * random.normal<double>();
    return scaler_->invert(codes);
  }

  [[nodiscard]] const Model& model() const { return model_; }
  /// s^2, in units of the codes' variance.
  [[nodiscard]] double variance() const { return variance_; }

 private:
  static constexpr Index quarters = 4;

  Options options_;
  Model model_;
  std::optional<Scaler> scaler_;
  double variance_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
