#pragma once

#include <png.h>

#include <algorithm>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/plot/canvas.hpp>
#include <eigencoder/plot/chart.hpp>
#include <eigencoder/plot/image_grid.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A picture as the bytes of a PNG file, a grey one as greyscale. Throws std::runtime_error with libpng's reason.
[[nodiscard]] inline std::string encode_png(const Canvas& canvas) {
  const auto& pixels = canvas.pixels();
  const bool grey = std::all_of(pixels.begin(), pixels.end(),
                                [](Color color) { return color.red == color.green && color.green == color.blue; });
  std::vector<std::uint8_t> bytes;
  bytes.reserve(pixels.size() * (grey ? 1 : 3));
  for (const Color color : pixels) {
    bytes.push_back(color.red);
    if (!grey) bytes.insert(bytes.end(), {color.green, color.blue});
  }

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(canvas.width());
  image.height = static_cast<png_uint_32>(canvas.height());
  image.format = grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  std::string file;
  bool good = png_image_write_to_memory(&image, nullptr, &size, 0, bytes.data(), 0, nullptr) != 0;
  file.resize(size);
  good = good && png_image_write_to_memory(&image, file.data(), &size, 0, bytes.data(), 0, nullptr) != 0;
  if (!good) throw std::runtime_error(std::string("cannot make the picture: ") + image.message);
  return file;
}

/// Writes a picture as a PNG file, whole or not at all; a grey one as greyscale.
/// Throws std::runtime_error naming the file and the reason.
inline void write_png(const std::filesystem::path& path, const Canvas& canvas) {
  write_file(path, {encode_png(canvas)});
}

/// Writes `image_grid` as a PNG file.
inline void write_png_grid(const std::filesystem::path& path, const std::vector<Dataset>& sets, const Shape& shape,
                           const GridStyle& style = {}) {
  write_png(path, image_grid(sets, shape, style));
}

/// Writes `line_chart` as a PNG file, whole or not at all.
inline void write_png_chart(const std::filesystem::path& path, const std::vector<ChartLine>& lines,
                            const ChartStyle& style = {}) {
  write_png(path, line_chart(lines, style));
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
