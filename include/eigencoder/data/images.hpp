#pragma once

#include <algorithm>
#include <cctype>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/jpeg.hpp>
#include <eigencoder/data/png.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct ImageOptions {
  /// 1: all become grey, 3: all have colours; 0: as the first one.
  Index channels = 0;
  /// The size that all are brought to; 0, 0: all must have that of the first one.
  Index height = 0;
  Index width = 0;
};

namespace detail {

/// "png", "jpeg", or "" for what is no picture by its name.
inline std::string picture_format(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  for (char& sign : ending) sign = static_cast<char>(std::tolower(static_cast<unsigned char>(sign)));
  if (ending == ".png") return "png";
  return ending == ".jpg" || ending == ".jpeg" ? "jpeg" : "";
}

}  // namespace detail

/// Reads all pictures of a folder, those of folders in it not, in the order of their names: files that end in .png,
/// .jpg or .jpeg; all others are passed over. They are kept as bytes, which stand for byte / 255. Throws
/// std::runtime_error naming the file and what is wrong with it, another size than the first one's for one, unless the
/// options have a size; std::invalid_argument for options that make no sense.
[[nodiscard]] inline Dataset read_images(const std::filesystem::path& folder, const ImageOptions& options = {}) {
  if ((options.channels != 0 && options.channels != 1 && options.channels != 3) || options.height < 0 ||
      options.width < 0 || (options.height == 0) != (options.width == 0))
    throw std::invalid_argument("read_images: expected 0, 1 or 3 channels, and a height and a width or none");
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (!detail::picture_format(entry.path()).empty() && !entry.is_directory()) paths.push_back(entry.path());
  if (error) throw std::runtime_error(folder.string() + ": " + error.message());
  if (paths.empty()) throw std::runtime_error(folder.string() + ": has no file that ends in .png, .jpg or .jpeg");
  std::ranges::sort(paths);

  Shape shape{};
  std::vector<std::uint8_t> bytes;
  for (const auto& path : paths) {
    Image image = detail::picture_format(path) == "png" ? read_png(path) : read_jpeg(path);
    if (bytes.empty()) {
      shape = {options.height > 0 ? options.height : image.shape.height,
               options.width > 0 ? options.width : image.shape.width,
               options.channels > 0 ? options.channels : image.shape.channels};
      bytes.reserve(paths.size() * static_cast<std::size_t>(shape.size()));
    }
    image = with_channels(image, shape.channels);
    if (options.height > 0) image = resized(image, options.height, options.width);
    if (image.shape != shape)
      throw std::runtime_error(path.string() + ": has " + std::to_string(image.shape.width) + " x " +
                               std::to_string(image.shape.height) + " pixels, the first picture " +
                               std::to_string(shape.width) + " x " + std::to_string(shape.height) +
                               "; read them with {.height = ..., .width = ...} to bring all to one size");
    bytes.insert(bytes.end(), image.bytes.begin(), image.bytes.end());
  }
  return Dataset::from_bytes(std::move(bytes), shape);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
