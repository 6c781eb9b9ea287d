#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/to_byte.hpp>
#include <eigencoder/plot/canvas.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct GridStyle {
  Index columns = 10;  ///< images side by side
  int scale = 3;       ///< pixels to a value, each way
  int gap = 2;         ///< pixels between images
};

/// Draws images side by side: `columns` of the first set in a row, below them those of the second set, and so on; then
/// the next `columns` of each. So {digits, reconstructions} shows every digit over its reconstruction, and a single set
/// fills a grid row by row. Values are clipped to [0, 1]; `shape` has 1 channel (grey) or 3 (red, green, blue). Throws
/// std::invalid_argument if a set's samples have not `shape`'s size, if there is nothing to draw, or more than a Canvas
/// takes.
[[nodiscard]] inline Canvas image_grid(const std::vector<Dataset>& sets, const Shape& shape,
                                       const GridStyle& style = {}) {
  if (shape.channels != 1 && shape.channels != 3) {
    throw std::invalid_argument("image_grid: images of shape " + to_string(shape) + " have neither 1 channel nor 3");
  }
  if (style.columns < 1 || style.scale < 1 || style.gap < 0) {
    throw std::invalid_argument("image_grid: columns and scale must be at least 1, gap at least 0");
  }
  Index most = 0;
  for (const Dataset& set : sets) {
    if (set.features() != shape.size()) {
      throw std::invalid_argument("image_grid: samples of " + std::to_string(set.features()) +
                                  " values are no images of shape " + to_string(shape));
    }
    most = std::max(most, set.size());
  }
  if (most == 0) throw std::invalid_argument("image_grid: no images");

  const Index columns = std::min(style.columns, most);
  const Index bands = (most + columns - 1) / columns;
  const Index set_count = static_cast<Index>(sets.size());
  // From one image to the next, where `count` of `size` values are side by side.
  const auto step = [&](Index size, Index count) {
    const Index most = Canvas::most;
    if (size > most / style.scale || style.gap > most || count > most / (size * style.scale + style.gap)) {
      throw std::invalid_argument("image_grid: the picture would be more than " + std::to_string(most) +
                                  " pixels wide or high");
    }
    return static_cast<int>(size) * style.scale + style.gap;
  };
  const int step_x = step(shape.width, columns);
  const int step_y = step(shape.height, bands * set_count);
  constexpr Color background{255, 255, 255};
  Canvas canvas(static_cast<int>(columns) * step_x + style.gap,
                static_cast<int>(bands * set_count) * step_y + style.gap, background);

  std::vector<float> image(static_cast<std::size_t>(shape.size()));
  for (Index s = 0; s < set_count; ++s) {
    const Dataset& set = sets[static_cast<std::size_t>(s)];
    for (Index sample = 0; sample < set.size(); ++sample) {
      set.visit([&](const auto& read) { read(sample, 0, shape.size(), image.data()); });
      const int left = style.gap + static_cast<int>(sample % columns) * step_x;
      const int top = style.gap + static_cast<int>(sample / columns * set_count + s) * step_y;
      const float* value = image.data();
      for (int y = 0; y < shape.height; ++y) {
        for (int x = 0; x < shape.width; ++x, value += shape.channels) {
          const Color color{detail::to_byte(value[0]), detail::to_byte(value[shape.channels / 2]),
                            detail::to_byte(value[shape.channels - 1])};
          canvas.fill(left + x * style.scale, top + y * style.scale, style.scale, style.scale, color);
        }
      }
    }
  }
  return canvas;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
