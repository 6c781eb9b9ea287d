#pragma once

#include <algorithm>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// How well scores tell anomalies (label other than 0) from the rest (label 0): high scores are for anomalies.
namespace eigencoder::inline EIGENCODER_TARGET {

/// A point of a ROC curve: the shares of the rest and of the anomalies whose score is at least some threshold.
struct RocPoint {
  double false_positive_rate;
  double true_positive_rate;
};

namespace detail {

/// The anomalies and the rest among the rows of one score.
struct TiedRows {
  double anomalies = 0;
  double rest = 0;
};

/// The rows in groups of equal scores, the highest first.
/// Throws std::invalid_argument unless there is a label a score, all scores are numbers and both kinds are there.
inline std::vector<TiedRows> tied_rows(const Eigen::VectorXd& scores, std::span<const int> labels, const char* where) {
  const auto fail = [&](const std::string& what) { throw std::invalid_argument(std::string(where) + ": " + what); };
  if (scores.size() != std::ssize(labels))
    fail("there are " + std::to_string(labels.size()) + " labels for " + std::to_string(scores.size()) + " scores");
  if (scores.hasNaN()) fail("a score is not a number");
  std::vector<Index> order(labels.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::sort(order, [&](Index a, Index b) { return scores[a] > scores[b]; });
  std::vector<TiedRows> groups;
  double anomalies = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k == 0 || scores[order[k]] != scores[order[k - 1]]) groups.emplace_back();
    const bool anomaly = labels[static_cast<std::size_t>(order[k])] != 0;
    (anomaly ? groups.back().anomalies : groups.back().rest) += 1;
    anomalies += anomaly ? 1 : 0;
  }
  if (anomalies == 0) fail("no row is labelled as an anomaly");
  if (anomalies == static_cast<double>(scores.size())) fail("all rows are labelled as anomalies");
  return groups;
}

}  // namespace detail

/// The ROC curve, from (0, 0) to (1, 1), a point for each different score. scikit-learn: roc_curve.
[[nodiscard]] inline std::vector<RocPoint> roc_curve(const Eigen::VectorXd& scores, std::span<const int> labels) {
  std::vector<RocPoint> curve{{0, 0}};
  double anomalies = 0, rest = 0;
  for (const detail::TiedRows& rows : detail::tied_rows(scores, labels, "roc_curve"))
    curve.push_back({rest += rows.rest, anomalies += rows.anomalies});
  for (RocPoint& point : curve) {
    point.false_positive_rate /= rest;
    point.true_positive_rate /= anomalies;
  }
  return curve;
}

/// The probability that an anomaly's score is higher than another row's, ties counting half: the area under the ROC
/// curve. 1 is perfect, 0.5 is chance. scikit-learn: roc_auc_score.
[[nodiscard]] inline double roc_auc(const Eigen::VectorXd& scores, std::span<const int> labels) {
  double anomalies = 0, rest = 0, pairs = 0;
  for (const detail::TiedRows& rows : detail::tied_rows(scores, labels, "roc_auc")) {
    pairs += rows.rest * (anomalies + rows.anomalies / 2);
    anomalies += rows.anomalies;
    rest += rows.rest;
  }
  return pairs / (anomalies * rest);
}

/// sum_k (r_k - r_{k-1}) p_k over the thresholds, where of the rows above a threshold the share p are anomalies, and
/// these are the share r of all anomalies. scikit-learn: average_precision_score.
[[nodiscard]] inline double average_precision(const Eigen::VectorXd& scores, std::span<const int> labels) {
  double anomalies = 0, rest = 0, sum = 0;
  for (const detail::TiedRows& rows : detail::tied_rows(scores, labels, "average_precision")) {
    anomalies += rows.anomalies;
    rest += rows.rest;
    sum += rows.anomalies * anomalies / (anomalies + rest);
  }
  return sum / anomalies;
}

/// The share of anomalies among the n rows of the highest scores; n = 0: as many as there are anomalies. Where a tie
/// goes beyond the n-th row, its rows count with their mean. PyOD: precision_n_scores.
[[nodiscard]] inline double precision_at_n(const Eigen::VectorXd& scores, std::span<const int> labels, Index n = 0) {
  const auto groups = detail::tied_rows(scores, labels, "precision_at_n");
  if (n < 0 || n > scores.size())
    throw std::invalid_argument("precision_at_n: n is " + std::to_string(n) + "; expected 0 to " +
                                std::to_string(scores.size()));
  if (n == 0) n = std::ranges::count_if(labels, [](int label) { return label != 0; });
  double left = static_cast<double>(n), found = 0;
  for (const detail::TiedRows& rows : groups) {
    const double taken = std::min(left, rows.anomalies + rows.rest);
    found += taken * rows.anomalies / (rows.anomalies + rows.rest);
    left -= taken;
  }
  return found / static_cast<double>(n);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
