#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/plot/axes.hpp>
#include <limits>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A line of a chart: values at x = 1, 2, 3 ...; those that are not finite leave a gap.
struct ChartLine {
  std::string name;
  std::vector<double> values;
};

/// Draws values over their number (1, 2, 3 ...) as lines, with axes, round ticks and a legend. Lines without values are
/// left out.
[[nodiscard]] inline Canvas line_chart(const std::vector<ChartLine>& lines, const ChartStyle& style = {}) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  std::size_t points = 2;
  for (const ChartLine& line : lines) {
    points = std::max(points, line.values.size());
    for (const double v : line.values) {
      if (!std::isfinite(v)) continue;
      low = std::min(low, v);
      high = std::max(high, v);
    }
  }
  if (low > high) low = high = 0;
  Axes axes(1, static_cast<double>(points), low, high, style, 1);

  std::size_t shown = 0;
  for (const ChartLine& line : lines) {
    if (line.values.empty()) continue;
    const Color color = Axes::palette[shown++ % Axes::palette.size()];
    for (std::size_t i = 0; i < line.values.size(); ++i) {
      const double x = static_cast<double>(i + 1), y = line.values[i];
      if (!std::isfinite(y)) continue;
      if (i > 0 && std::isfinite(line.values[i - 1])) {
        axes.line(x - 1, line.values[i - 1], x, y, 3, color);
      } else {
        axes.dot(x, y, 3, color);
      }
      if (line.values.size() <= 30) axes.dot(x, y, 8, color);
    }
    axes.legend(line.name, color);
  }
  return axes.canvas();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
