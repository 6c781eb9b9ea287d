#pragma once

#include <algorithm>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/plot/axes.hpp>
#include <set>
#include <span>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Draws points (x, y), one a row, as dots; with labels, in a color for each, named in a legend. Later points lie over
/// earlier ones. Throws std::invalid_argument unless there are two columns, finite values, and a label a point or none.
[[nodiscard]] inline Canvas scatter_chart(const Matrix<double>& points, std::span<const int> labels = {},
                                          const ChartStyle& style = {.x_label = {}, .width = 720, .height = 720}) {
  if (points.cols() != 2 || points.rows() == 0 || !points.allFinite())
    throw std::invalid_argument("scatter_chart: expected rows of two finite values");
  if (!labels.empty() && std::ssize(labels) != points.rows())
    throw std::invalid_argument("scatter_chart: " + std::to_string(labels.size()) + " labels for " +
                                std::to_string(points.rows()) + " points");
  const Eigen::RowVector2d low = points.colwise().minCoeff(), high = points.colwise().maxCoeff();
  const double width = std::max(1e-9, high[0] - low[0]);
  // The legend is on the right, beside the points.
  Axes axes(low[0] - 0.02 * width, high[0] + (labels.empty() ? 0.02 : 0.14) * width, low[1], high[1], style);
  const std::set<int> names(labels.begin(), labels.end());
  const auto color_of = [&](int label) {
    return Axes::palette[static_cast<std::size_t>(std::distance(names.begin(), names.find(label))) %
                         Axes::palette.size()];
  };
  for (Index i = 0; i < points.rows(); ++i)
    axes.dot(points(i, 0), points(i, 1), 4,
             labels.empty() ? Axes::palette[0] : color_of(labels[static_cast<std::size_t>(i)]));
  for (const int name : names) axes.legend(std::to_string(name), color_of(name));
  return axes.canvas();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
