#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

/// From scores to statements with a guarantee. The rows that a score is compared with must have had no part in making
/// it, and be exchangeable with the new ones: drawn from the same distribution, in any order.
namespace eigencoder::inline EIGENCODER_TARGET {

/// The scores of rows that were held back, and how unlikely new ones are among them.
/// Source: Vovk, Gammerman, Shafer, "Algorithmic learning in a random world", 2005; split-conformal as in Bates,
/// Candès, Lei, Romano, Sesia, "Testing for outliers with conformal p-values", 2023.
class ConformalCalibration {
 public:
  ConformalCalibration() = default;

  /// Throws std::invalid_argument if a score is not a number.
  explicit ConformalCalibration(const Eigen::VectorXd& scores) : sorted_(scores.begin(), scores.end()) {
    if (scores.hasNaN()) throw std::invalid_argument("ConformalCalibration: a score is not a number");
    std::ranges::sort(sorted_);
  }

  [[nodiscard]] Index size() const { return std::ssize(sorted_); }
  /// The scores, in ascending order.
  [[nodiscard]] const std::vector<double>& scores() const { return sorted_; }

  /// How many of the scores are at least as high as this one. One that is not a number is above all.
  [[nodiscard]] Index count_at_least(double score) const {
    if (std::isnan(score)) return 0;
    return sorted_.end() - std::ranges::lower_bound(sorted_, score);
  }

  /// p = (1 + #{i: s_i >= s}) / (n + 1). For a row like the calibration's, P(p <= a) <= a for every a.
  [[nodiscard]] double p_value(double score) const {
    return static_cast<double>(1 + count_at_least(score)) / static_cast<double>(size() + 1);
  }

  /// The threshold above which a score's p-value is at most `rate`: the ceil((1 - rate) (n + 1))-th smallest score;
  /// infinite where n is too small for any p-value to be, n + 1 < 1 / rate.
  [[nodiscard]] double threshold(double rate) const {
    const auto alarms = std::floor(rate * static_cast<double>(size() + 1) * (1 + 1e-12));
    if (alarms < 1) return std::numeric_limits<double>::infinity();
    if (alarms > static_cast<double>(size())) return -std::numeric_limits<double>::infinity();
    return sorted_[sorted_.size() - static_cast<std::size_t>(alarms)];
  }

 private:
  std::vector<double> sorted_;
};

/// Which of many tests reject (1, else 0), so that of all rejections at most the share `rate` is false on average:
/// those with the k smallest p-values, for the largest k with p_(k) <= k rate / m. Conformal p-values of one
/// calibration set may be used together so (Bates et al. 2023).
/// Source: Benjamini, Hochberg, "Controlling the false discovery rate", 1995.
[[nodiscard]] inline Eigen::VectorXi benjamini_hochberg(const Eigen::VectorXd& p_values, double rate) {
  if (!(rate > 0 && rate < 1))
    throw std::invalid_argument("benjamini_hochberg: rate is " + std::to_string(rate) + "; expected one in (0, 1)");
  if (!(p_values.array() >= 0 && p_values.array() <= 1).all())
    throw std::invalid_argument("benjamini_hochberg: a p-value is not in [0, 1]");
  std::vector<double> sorted(p_values.begin(), p_values.end());
  std::ranges::sort(sorted);
  double largest = -1;
  for (std::size_t k = 0; k < sorted.size(); ++k)
    if (sorted[k] <= static_cast<double>(k + 1) * rate / static_cast<double>(sorted.size())) largest = sorted[k];
  return (p_values.array() <= largest).cast<int>();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
