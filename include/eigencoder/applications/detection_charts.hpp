#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <eigencoder/applications/detection_metrics.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/plot/axes.hpp>
#include <span>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How scores are distributed, and the threshold between alarms and the rest: each bar is the share, in percent, of the
/// rows with scores in its range; with labels, of the anomalies (label other than 0) and of the others.
[[nodiscard]] inline Canvas score_histogram(const Eigen::VectorXd& scores, double threshold,
                                            std::span<const int> labels = {}) {
  constexpr std::size_t bins = 48;
  using Shares = std::array<double, bins>;
  const double low = scores.size() > 0 ? scores.minCoeff() : 0;
  const double high = std::max(scores.size() > 0 ? scores.maxCoeff() : 1, low + 1e-9);
  const double width = (high - low) / bins;
  const auto shares_of = [&](bool anomalies) {
    Shares shares{};
    double count = 0;
    for (Index i = 0; i < scores.size(); ++i) {
      if (!labels.empty() && (labels[static_cast<std::size_t>(i)] != 0) != anomalies) continue;
      ++shares[std::min(bins - 1, static_cast<std::size_t>((scores[i] - low) / width))];
      ++count;
    }
    for (double& share : shares) share *= 100 / std::max(count, 1.0);
    return shares;
  };
  const Shares rest = shares_of(false);
  const Shares anomalies = labels.empty() ? Shares{} : shares_of(true);
  const double most = std::max(*std::ranges::max_element(rest), *std::ranges::max_element(anomalies));
  Axes axes(low, high, 0, most, {.title = "share of rows, %", .x_label = "score"});
  const auto draw = [&](const Shares& shares, const std::string& name, Color color) {
    for (std::size_t k = 0; k < bins; ++k) {
      const double left = low + static_cast<double>(k) * width;
      if (shares[k] > 0) axes.bar(left, left + width, shares[k], color);
    }
    axes.legend(name, color);
  };
  draw(rest, labels.empty() ? "rows" : "normal rows", Axes::palette[0]);
  if (!labels.empty()) draw(anomalies, "anomalies", Axes::palette[1]);
  if (threshold >= low && threshold <= high) {
    axes.vertical(threshold, 2, Axes::ink);
    axes.legend("threshold", Axes::ink);
  }
  return axes.canvas();
}

/// The ROC curve of scores, and the area under it.
[[nodiscard]] inline Canvas roc_chart(const Eigen::VectorXd& scores, std::span<const int> labels) {
  std::array<char, 64> title{};
  std::snprintf(title.data(), title.size(), "true positive rate, area under it %.3f", roc_auc(scores, labels));
  Axes axes(0, 1, 0, 1, {.title = title.data(), .x_label = "false positive rate", .width = 680, .height = 680});
  axes.line(0, 0, 1, 1, 2, Color{190, 194, 200});
  const std::vector<RocPoint> curve = roc_curve(scores, labels);
  for (std::size_t k = 1; k < curve.size(); ++k)
    axes.line(curve[k - 1].false_positive_rate, curve[k - 1].true_positive_rate, curve[k].false_positive_rate,
              curve[k].true_positive_rate, 3, Axes::palette[0]);
  return axes.canvas();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
