#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/principal_components.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What anybody reaches without a network: mean squared errors over samples and features, NaN in the samples left out.
struct Baselines {
  double mean = 0;  ///< of the mean sample in the place of every sample: the data's variance
  double pca = 0;   ///< of the linear reconstruction from as many principal components as a code has numbers
  /// Whether that says anything: with as many components as there are samples, or values in one, PCA is exact.
  bool pca_counts = false;
};

/// The mean squared difference of the values that are there (not NaN) in `target`.
[[nodiscard]] inline double mean_squared_difference(const Matrix<double>& values, const Matrix<double>& target) {
  double sum = 0;
  Index count = 0;
  for (Index i = 0; i < target.rows(); ++i)
    for (Index k = 0; k < target.cols(); ++k)
      if (const double difference = values(i, k) - target(i, k); target(i, k) == target(i, k)) {
        sum += difference * difference;
        ++count;
      }
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

/// Of samples, one a row, with NaN for what is missing, and codes of `components` numbers. Both are fitted to these
/// very samples, so they are the best of their kind: an autoencoder that is worse on its training data has learnt
/// little.
[[nodiscard]] inline Baselines baselines(const Matrix<double>& samples, Index components) {
  Matrix<double> complete = samples;
  Matrix<double> mean(samples.rows(), samples.cols());
  for (Index k = 0; k < samples.cols(); ++k) {
    double sum = 0;
    Index count = 0;
    for (Index i = 0; i < samples.rows(); ++i)
      if (samples(i, k) == samples(i, k)) {
        sum += samples(i, k);
        ++count;
      }
    mean.col(k).setConstant(count > 0 ? sum / static_cast<double>(count) : 0);
    for (Index i = 0; i < samples.rows(); ++i)
      if (samples(i, k) != samples(i, k)) complete(i, k) = mean(i, k);
  }
  Baselines result{.mean = mean_squared_difference(mean, samples)};
  result.pca_counts = components < std::min(samples.rows() - 1, samples.cols());
  if (result.pca_counts)
    result.pca = mean_squared_difference(PrincipalComponents(complete).reconstruct(components), samples);
  return result;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
