#pragma once

#include <png.h>

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/image.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Reads a PNG file: grey as 1 channel, colours as 3, with 8 bits each; what is transparent lies on black.
/// Throws std::runtime_error naming the file and what is wrong with it, more than `most` pixels for one.
[[nodiscard]] inline Image read_png(const std::filesystem::path& path, Index most = most_pixels) {
  const std::string file = detail::read_text(path);
  return detail::naming_file(path, [&] {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    const std::unique_ptr<png_image, void (*)(png_image*)> free_at_end(&png, [](png_image* p) { png_image_free(p); });
    const auto require = [&](int good) {
      if (good == 0) throw std::invalid_argument(std::string("is no good PNG file: ") + png.message);
    };
    require(png_image_begin_read_from_memory(&png, file.data(), file.size()));
    detail::require_pixels(static_cast<Index>(png.height), static_cast<Index>(png.width), most);
    const bool colors = (png.format & PNG_FORMAT_FLAG_COLOR) != 0;
    png.format = colors ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    Image image{{static_cast<Index>(png.height), static_cast<Index>(png.width), colors ? 3 : 1}, {}};
    image.bytes.resize(static_cast<std::size_t>(image.shape.size()));
    const png_color black{0, 0, 0};
    require(png_image_finish_read(&png, &black, image.bytes.data(), 0, nullptr));
    return image;
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
