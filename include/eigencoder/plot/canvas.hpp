#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/plot/font.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  constexpr bool operator==(const Color&) const = default;
};

/// Pixels to draw on, (0, 0) at the top left. What falls outside is not drawn.
class Canvas {
 public:
  /// The most pixels each way, which is also the most that libpng reads unless told otherwise.
  static constexpr int most = 1'000'000;

  /// Throws std::invalid_argument unless width and height are 1 to `most`.
  Canvas(int width, int height, Color background)
      : width_(checked(width)),
        height_(checked(height)),
        pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), background) {}
  // A move copies: what was moved from still has as many pixels as it says.
  Canvas(const Canvas&) = default;
  Canvas& operator=(const Canvas&) = default;

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  /// Row by row, three bytes a pixel.
  [[nodiscard]] const std::vector<Color>& pixels() const { return pixels_; }
  [[nodiscard]] Color at(int x, int y) const { return pixels_[place(x, y)]; }

  /// Mixes a color into a pixel: with coverage 1 it replaces what was there.
  void blend(int x, int y, Color color, double coverage = 1) {
    if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
    const auto mix = [&](std::uint8_t old, std::uint8_t with) {
      return static_cast<std::uint8_t>(std::lround(old + coverage * (with - old)));
    };
    Color& pixel = pixels_[place(x, y)];
    pixel = {mix(pixel.red, color.red), mix(pixel.green, color.green), mix(pixel.blue, color.blue)};
  }

  void fill(int x, int y, int width, int height, Color color) {
    for (int j = y; j < y + height; ++j) {
      for (int i = x; i < x + width; ++i) blend(i, j, color);
    }
  }

  /// A smooth straight line from (x0, y0) to (x1, y1) with round ends: a pixel's coverage falls from 1 to 0 over one
  /// pixel around the line's edge. One whose ends are not numbers, or whose length is none, is not drawn.
  void line(double x0, double y0, double x1, double y1, double thickness, Color color) {
    const double reach = thickness / 2 + 1;
    const double dx = x1 - x0;
    const double dy = y1 - y0;
    const double length2 = dx * dx + dy * dy;
    // The pixels from a to b that are there.
    const auto first = [&](double a, double b) { return static_cast<int>(std::max(0.0, std::min(a, b) - reach)); };
    const auto end = [&](double a, double b, int size) {
      return static_cast<int>(std::clamp(std::max(a, b) + reach + 1, 0.0, static_cast<double>(size)));
    };
    if (!std::isfinite(length2)) return;
    for (int y = first(y0, y1); y < end(y0, y1, height_); ++y) {
      for (int x = first(x0, x1); x < end(x0, x1, width_); ++x) {
        const double along = length2 > 0 ? std::clamp(((x - x0) * dx + (y - y0) * dy) / length2, 0.0, 1.0) : 0.0;
        const double distance = std::hypot(x - x0 - along * dx, y - y0 - along * dy);
        const double coverage = std::clamp(thickness / 2 + 0.5 - distance, 0.0, 1.0);
        if (coverage > 0) blend(x, y, color, coverage);
      }
    }
  }

  /// Text with its top left corner at (x, y), each dot of the font `size` pixels wide and high.
  void text(int x, int y, std::string_view signs, int size, Color color) {
    for (const char sign : signs) {
      for (int row = 0; row < font::height; ++row) {
        for (int column = 0; column < font::width; ++column) {
          if (font::has_dot(sign, column, row)) fill(x + column * size, y + row * size, size, size, color);
        }
      }
      x += (font::width + 1) * size;
    }
  }

 private:
  static int checked(int size) {
    if (size < 1 || size > most) {
      throw std::invalid_argument("a picture " + std::to_string(size) + " pixels wide or high; expected 1 to " +
                                  std::to_string(most));
    }
    return size;
  }

  [[nodiscard]] std::size_t place(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }

  int width_;
  int height_;
  std::vector<Color> pixels_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
