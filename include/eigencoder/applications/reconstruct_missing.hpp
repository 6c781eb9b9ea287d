#pragma once

#include <cmath>
#include <eigencoder/applications/draw_codes.hpp>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How `reconstruct_missing` goes about it.
struct ReconstructMissingOptions {
  /// How often the samples are encoded and decoded.
  Index rounds = 50;
  /// What is in the place of missing values to begin with, one value a feature, such as the mean of the training data;
  /// empty: 0 everywhere.
  Eigen::RowVectorXd start{};
  /// Whether the codes are drawn from q(z | x) and not its mean, so that another seed paints something else; the last
  /// round takes the mean. Only variational autoencoders have such a distribution.
  bool draw = false;
  Seed seed{};
  Index threads = 1;
};

/// Paints in what is missing (NaN) in samples, one row a sample; every value that there is stays as it was, bit for
/// bit. With the known values x_k and the missing ones x_m, from x_m = start,
///
///   z = encoder(x),   x_m = decoder(z)_m,   again and again:
///
/// what it paints agrees with what is there as far as the model knows. With `draw`, z ~ q(z | x), and x_m wanders
/// through a Markov chain whose distribution approaches p(x_m | x_k) the better q fits p(z | x).
///
///     Matrix<float> upper = test.matrix<float>();
///     upper.rightCols(392).setConstant(std::nanf(""));  // without the lower half
///     const Matrix<float> whole = reconstruct_missing(model, upper);
///
/// Labels are handed on to a model that takes them. Throws std::invalid_argument if the samples or `start` have not the
/// input's size, or there are no rounds. Source: Rezende, Mohamed, Wierstra, "Stochastic backpropagation and
/// approximate inference in deep generative models", 2014, appendix F.
template <class Model>
[[nodiscard]] Matrix<typename Model::Scalar> reconstruct_missing(const Model& model, const Dataset& data,
                                                                 const ReconstructMissingOptions& options = {}) {
  using Scalar = typename Model::Scalar;
  if (data.features() != Model::input.size())
    throw std::invalid_argument("reconstruct_missing: samples of " + std::to_string(data.features()) +
                                " values; expected " + std::to_string(Model::input.size()));
  if (options.start.size() != 0 && options.start.size() != data.features())
    throw std::invalid_argument("reconstruct_missing: start has " + std::to_string(options.start.size()) +
                                " values; expected " + std::to_string(data.features()));
  if (options.rounds < 1)
    throw std::invalid_argument("reconstruct_missing: rounds is " + std::to_string(options.rounds) +
                                "; expected at least 1");

  const Matrix<Scalar> known = data.matrix<Scalar>();
  const auto is_missing = known.array().isNaN();
  Matrix<Scalar> painted = Matrix<Scalar>::Zero(known.rows(), known.cols());
  if (options.start.size() != 0) painted.rowwise() = options.start.cast<Scalar>();
  const auto labelled = [&](const Dataset& set) {
    return data.labels().empty() ? set : set.with_labels({data.labels().begin(), data.labels().end()});
  };
  for (Index round = 0; round < options.rounds; ++round) {
    const Matrix<Scalar> whole = is_missing.select(painted, known);
    const Dataset samples = labelled(Dataset(whole, Model::input));
    if (options.draw && round + 1 < options.rounds) {
      const Seed seed{options.seed.value + static_cast<std::uint64_t>(round)};
      const Matrix<double> codes = draw_codes(model, samples, seed, options.threads);
      painted = model.decode(labelled(Dataset(codes)), options.threads);
    } else {
      painted = model.reconstruct(samples, options.threads);
    }
  }
  return is_missing.select(painted, known);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
