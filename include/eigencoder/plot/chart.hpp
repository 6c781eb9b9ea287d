#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <eigencoder/core/target.hpp>
#include <eigencoder/plot/canvas.hpp>
#include <limits>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A line of a chart: values at x = 1, 2, 3 ...; those that are not finite leave a gap.
struct ChartLine {
  std::string name;
  std::vector<double> values;
};

struct ChartStyle {
  std::string title{};
  std::string x_label = "epoch";
  int width = 960;
  int height = 600;
};

namespace detail {

/// Round numbers (1, 2 or 5 times a power of ten apart) that span [low, high] in at most `most` steps. They are kept as
/// multiples of the step, so that no distance overflows, however far apart low and high are.
struct Ticks {
  double first = 0;  ///< in steps
  double step = 1;
  int count = 2;

  Ticks(double low, double high, int most, double least_step = 0) {
    if (!(high > low)) {  // a single value, or none: a little room around it
      const double room = std::max(std::abs(low) * 0.1, 1e-9);
      low = std::max(low - room, -largest);
      high = std::min(high + room, largest);
    }
    // Steps that doubles cannot tell apart, or not tell from 0, are too fine.
    const double magnitude = std::max(std::abs(low), std::abs(high));
    const double rough = std::max({high / most - low / most, least_step, magnitude * 1e-14, 1e-300});
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    step = power * 10;
    for (const double factor : {5.0, 2.0, 1.0}) {
      if (factor * power >= rough * (1 - 1e-9)) step = factor * power;
    }
    first = std::floor(low / step + 1e-9);
    count = std::max(2, static_cast<int>(std::ceil(high / step - first - 1e-9)) + 1);
  }

  [[nodiscard]] double value(int i) const { return std::clamp((first + i) * step, -largest, largest); }
  /// Where a value lies on an axis: 0 at the first tick, 1 at the last.
  [[nodiscard]] double place(double value) const { return (value / step - first) / (count - 1); }
  [[nodiscard]] std::string label(int i) const {
    const double v = first + i == 0 ? 0.0 : value(i);
    const double steps = std::max({std::abs(first), std::abs(first + count - 1), 1.0});
    const double exponent = std::floor(std::log10(step) + 1e-9);
    std::array<char, 64> text{};
    if (steps * step >= 1e6 || exponent < -6) {
      // As many digits as tell two ticks apart.
      std::snprintf(text.data(), text.size(), "%.*g", std::max(3, static_cast<int>(std::log10(steps)) + 2), v);
    } else {
      std::snprintf(text.data(), text.size(), "%.*f", std::max(0, -static_cast<int>(exponent)), v);
    }
    return text.data();
  }

 private:
  static constexpr double largest = std::numeric_limits<double>::max();
};

}  // namespace detail

/// Draws values over their number (1, 2, 3 ...) as lines, with axes, round ticks and a legend. Lines without values are
/// left out.
[[nodiscard]] inline Canvas line_chart(const std::vector<ChartLine>& lines, const ChartStyle& style = {}) {
  constexpr Color white{255, 255, 255};
  constexpr Color ink{60, 64, 72};
  constexpr Color grid{226, 229, 234};
  constexpr std::array<Color, 4> palette = {Color{38, 103, 178}, Color{222, 119, 31}, Color{52, 142, 92},
                                            Color{166, 66, 140}};
  constexpr int size = 2;
  constexpr int letter = font::height * size;

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
  const detail::Ticks y_ticks(low, high, 6);
  const detail::Ticks x_ticks(1, static_cast<double>(points), 10, 1);

  int label_width = 0;
  for (int i = 0; i < y_ticks.count; ++i) label_width = std::max(label_width, font::text_width(y_ticks.label(i), size));
  const int left = label_width + 32;
  const int right = style.width - 28;
  const int top = style.title.empty() ? 24 : 24 + letter + 16;
  const int bottom = style.height - 24 - 2 * letter - 12;

  Canvas canvas(style.width, style.height, white);
  const auto x_of = [&](double x) { return left + (x - 1) / static_cast<double>(points - 1) * (right - left); };
  const auto y_of = [&](double y) { return bottom - y_ticks.place(y) * (bottom - top); };
  const auto centred = [&](double x, int y, const std::string& text) {
    canvas.text(static_cast<int>(std::lround(x)) - font::text_width(text, size) / 2, y, text, size, ink);
  };

  centred(style.width / 2.0, 20, style.title);
  for (int i = 0; i < y_ticks.count; ++i) {
    const int y = static_cast<int>(std::lround(y_of(y_ticks.value(i))));
    canvas.fill(left, y, right - left, 1, grid);
    const std::string label = y_ticks.label(i);
    canvas.text(left - 12 - font::text_width(label, size), y - letter / 2 + size, label, size, ink);
  }
  for (int i = 0; i < x_ticks.count; ++i) {
    if (x_ticks.value(i) < 1 || x_ticks.value(i) > static_cast<double>(points)) continue;
    const double x = x_of(x_ticks.value(i));
    canvas.fill(static_cast<int>(std::lround(x)), bottom, 1, 6, ink);
    centred(x, bottom + 12, x_ticks.label(i));
  }
  canvas.fill(left, bottom, right - left + 1, 1, ink);
  canvas.fill(left, top, 1, bottom - top + 1, ink);
  centred((left + right) / 2.0, bottom + 20 + letter, style.x_label);

  std::size_t shown = 0;
  for (const ChartLine& line : lines) {
    if (line.values.empty()) continue;
    const Color color = palette[shown % palette.size()];
    for (std::size_t i = 0; i < line.values.size(); ++i) {
      if (!std::isfinite(line.values[i])) continue;
      const double x = x_of(static_cast<double>(i + 1));
      const double y = y_of(line.values[i]);
      const bool joined = i > 0 && std::isfinite(line.values[i - 1]);
      canvas.line(joined ? x_of(static_cast<double>(i)) : x, joined ? y_of(line.values[i - 1]) : y, x, y, 3, color);
      if (line.values.size() <= 30) canvas.line(x, y, x, y, 8, color);
    }
    const int legend_y = top + 12 + static_cast<int>(shown) * (letter + 8);
    const int legend_x = right - 16 - font::text_width(line.name, size);
    canvas.line(legend_x - 40, legend_y + letter / 2.0 - size, legend_x - 14, legend_y + letter / 2.0 - size, 3, color);
    canvas.text(legend_x, legend_y, line.name, size, ink);
    ++shown;
  }
  return canvas;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
