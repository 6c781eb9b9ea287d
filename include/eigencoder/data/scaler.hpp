#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Brings the features of samples to one scale and back: z = (x - centre) / scale, each feature with its own two
/// numbers, learnt from samples. What is missing (NaN) is left out when they are learnt, and stays missing.
///
///     const Scaler scaler = Scaler::standard(train);
///     fit(model, scaler.apply(train), MeanSquaredError{}, Adam{});
///     const Matrix<double> y = scaler.invert(model.reconstruct(scaler.apply(test)));
///
/// A feature that is the same in all samples has the scale 1. All that learn throw std::invalid_argument if there are
/// no samples, or a value is infinite.
class Scaler {
 public:
  /// Mean and standard deviation. scikit-learn: StandardScaler.
  [[nodiscard]] static Scaler standard(const Dataset& data) { return learnt(data, mean_and_deviation); }
  /// Least value and range, so that the samples lie in [0, 1]. scikit-learn: MinMaxScaler.
  [[nodiscard]] static Scaler min_max(const Dataset& data) {
    return learnt(data, [](const std::vector<double>& values) {
      const auto [least, greatest] = std::ranges::minmax(values);
      return std::pair(least, greatest - least);
    });
  }
  /// Median and interquartile range, which outliers do not move; with unit_variance the range is divided by 1.349, so
  /// that normal values have a standard deviation of 1. Where the range is 0 and values differ all the same, the
  /// standard deviation is the scale. scikit-learn: RobustScaler.
  [[nodiscard]] static Scaler robust(const Dataset& data, bool unit_variance = false) {
    return learnt(data, [&](std::vector<double> values) {
      std::ranges::sort(values);
      const double range = (quantile(values, 0.75) - quantile(values, 0.25)) / (unit_variance ? 1.349 : 1.0);
      return std::pair(quantile(values, 0.5), range > 0 ? range : mean_and_deviation(values).second);
    });
  }

  /// From numbers that were learnt before. Throws std::invalid_argument unless there are as many of both, all finite,
  /// and all scales above 0.
  Scaler(Eigen::RowVectorXd centre, Eigen::RowVectorXd scale) : centre_(std::move(centre)), scale_(std::move(scale)) {
    if (centre_.size() == 0 || centre_.size() != scale_.size() || !centre_.allFinite() || !scale_.allFinite() ||
        !(scale_.minCoeff() > 0))
      throw std::invalid_argument("Scaler: expected as many finite centres as finite scales above 0; there are " +
                                  std::to_string(centre_.size()) + " and " + std::to_string(scale_.size()));
  }

  [[nodiscard]] const Eigen::RowVectorXd& centre() const { return centre_; }
  [[nodiscard]] const Eigen::RowVectorXd& scale() const { return scale_; }

  /// z, with the samples' shape and labels: a copy. Throws std::invalid_argument for samples of another size.
  [[nodiscard]] Dataset apply(const Dataset& data) const {
    require_features(data.features());
    Matrix<double> values = data.matrix<double>();
    values.rowwise() -= centre_;
    values.array().rowwise() /= scale_.array();
    const Dataset scaled(std::move(values), data.shape());
    return data.labels().empty() ? scaled : scaled.with_labels({data.labels().begin(), data.labels().end()});
  }

  /// x from z, one sample a row: what a model gives in the units of its data.
  template <class Values>
  [[nodiscard]] Matrix<double> invert(const Eigen::MatrixBase<Values>& scaled) const {
    require_features(scaled.cols());
    Matrix<double> values = scaled.template cast<double>();
    values.array().rowwise() *= scale_.array();
    values.rowwise() += centre_;
    return values;
  }

 private:
  /// learn(values that are there) -> centre and scale of a feature.
  template <class Learn>
  static Scaler learnt(const Dataset& data, const Learn& learn) {
    if (data.empty()) throw std::invalid_argument("Scaler: there are no samples");
    const Matrix<double> all = data.matrix<double>();
    Eigen::RowVectorXd centre = Eigen::RowVectorXd::Zero(all.cols()), scale = Eigen::RowVectorXd::Ones(all.cols());
    for (Index feature = 0; feature < all.cols(); ++feature) {
      std::vector<double> values;
      for (Index sample = 0; sample < all.rows(); ++sample) {
        if (std::isinf(all(sample, feature)))
          throw std::invalid_argument("Scaler: the value of sample " + std::to_string(sample) + ", feature " +
                                      std::to_string(feature) + " is infinite");
        if (!std::isnan(all(sample, feature))) values.push_back(all(sample, feature));
      }
      if (values.empty()) continue;
      // A mean of equal values need not be their value, to rounding.
      const bool constant = std::ranges::all_of(values, [&](double value) { return value == values.front(); });
      const auto [middle, width] = constant ? std::pair(values.front(), 1.0) : learn(values);
      centre[feature] = middle;
      if (width > 0 && std::isfinite(width)) scale[feature] = width;
    }
    return {std::move(centre), std::move(scale)};
  }

  static std::pair<double, double> mean_and_deviation(const std::vector<double>& values) {
    const Eigen::Map<const Eigen::ArrayXd> x(values.data(), std::ssize(values));
    const double mean = x.mean();
    return {mean, std::sqrt((x - mean).square().mean())};
  }

  /// Between the two sorted values around q (n - 1). NumPy: quantile.
  static double quantile(const std::vector<double>& sorted, double q) {
    const double place = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
  }

  void require_features(Index features) const {
    if (features != centre_.size())
      throw std::invalid_argument("Scaler: samples of " + std::to_string(features) + " values; expected " +
                                  std::to_string(centre_.size()));
  }

  Eigen::RowVectorXd centre_, scale_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
