#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <eigencoder/core/target.hpp>
#include <eigencoder/plot/canvas.hpp>
#include <limits>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

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

/// A canvas with a title, a grid and two axes with round ticks, to draw on where numbers are. The x axis goes from low
/// to high, the y axis from tick to tick.
class Axes {
 public:
  static constexpr Color ink{60, 64, 72};
  static constexpr std::array palette = {
      Color{38, 103, 178}, Color{222, 119, 31}, Color{52, 142, 92},   Color{166, 66, 140}, Color{196, 52, 52},
      Color{118, 86, 66},  Color{90, 190, 205}, Color{150, 150, 150}, Color{190, 185, 50}, Color{240, 150, 180}};

  /// least_x_step: the least distance of ticks on the x axis.
  Axes(double x_low, double x_high, double y_low, double y_high, const ChartStyle& style, double least_x_step = 0)
      : canvas_(style.width, style.height, Color{255, 255, 255}), x_low_(x_low), x_high_(x_high), y_(y_low, y_high, 6) {
    constexpr Color grid{226, 229, 234};
    int label_width = 0;
    for (int i = 0; i < y_.count; ++i) label_width = std::max(label_width, font::text_width(y_.label(i), size));
    left_ = label_width + 32;
    right_ = style.width - 28;
    top_ = style.title.empty() ? 24 : 24 + letter + 16;
    bottom_ = style.height - 24 - 2 * letter - 12;

    centred(style.width / 2.0, 20, style.title);
    for (int i = 0; i < y_.count; ++i) {
      const int y = static_cast<int>(std::lround(y_of(y_.value(i))));
      canvas_.fill(left_, y, right_ - left_, 1, grid);
      const std::string label = y_.label(i);
      canvas_.text(left_ - 12 - font::text_width(label, size), y - letter / 2 + size, label, size, ink);
    }
    const detail::Ticks x_ticks(x_low, x_high, 10, least_x_step);
    for (int i = 0; i < x_ticks.count; ++i) {
      if (x_ticks.value(i) < x_low || x_ticks.value(i) > x_high) continue;
      const double x = x_of(x_ticks.value(i));
      canvas_.fill(static_cast<int>(std::lround(x)), bottom_, 1, 6, ink);
      centred(x, bottom_ + 12, x_ticks.label(i));
    }
    canvas_.fill(left_, bottom_, right_ - left_ + 1, 1, ink);
    canvas_.fill(left_, top_, 1, bottom_ - top_ + 1, ink);
    centred((left_ + right_) / 2.0, bottom_ + 20 + letter, style.x_label);
  }

  void line(double x0, double y0, double x1, double y1, double thickness, Color color) {
    canvas_.line(x_of(x0), y_of(y0), x_of(x1), y_of(y1), thickness, color);
  }
  void dot(double x, double y, double diameter, Color color) { line(x, y, x, y, diameter, color); }
  /// From the x axis to the top.
  void vertical(double x, double thickness, Color color) {
    canvas_.line(x_of(x), top_, x_of(x), bottom_, thickness, color);
  }
  /// From the x axis to y, half transparent.
  void bar(double x0, double x1, double y, Color color) {
    const auto first = static_cast<int>(std::lround(x_of(x0))), end = static_cast<int>(std::lround(x_of(x1)));
    for (int row = static_cast<int>(std::lround(y_of(y))); row < bottom_; ++row)
      for (int column = first; column < end; ++column) canvas_.blend(column, row, color, 0.55);
  }
  /// The next line of the legend, top right.
  void legend(const std::string& text, Color color) {
    const int y = top_ + 12 + entries_++ * (letter + 8);
    const int x = right_ - 16 - font::text_width(text, size);
    canvas_.line(x - 40, y + letter / 2.0 - size, x - 14, y + letter / 2.0 - size, 3, color);
    canvas_.text(x, y, text, size, ink);
  }

  [[nodiscard]] const Canvas& canvas() const { return canvas_; }

 private:
  static constexpr int size = 2;
  static constexpr int letter = font::height * size;

  [[nodiscard]] double x_of(double x) const { return left_ + (x - x_low_) / (x_high_ - x_low_) * (right_ - left_); }
  [[nodiscard]] double y_of(double y) const { return bottom_ - y_.place(y) * (bottom_ - top_); }

  void centred(double x, int y, const std::string& text) {
    canvas_.text(static_cast<int>(std::lround(x)) - font::text_width(text, size) / 2, y, text, size, ink);
  }

  Canvas canvas_;
  double x_low_, x_high_;
  detail::Ticks y_;
  int left_ = 0, right_ = 0, top_ = 0, bottom_ = 0, entries_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
