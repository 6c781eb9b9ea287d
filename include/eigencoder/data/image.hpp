#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The most pixels that an image may have: a small file may say that it has very many.
inline constexpr Index most_pixels = Index{1} << 26;

/// An image as bytes, 0 is dark, in (height, width, channels) order; 1 channel is grey, 3 are red, green and blue.
struct Image {
  Shape shape{};
  std::vector<std::uint8_t> bytes{};
};

namespace detail {

/// Throws std::invalid_argument.
inline void require_pixels(Index height, Index width, Index most) {
  if (height < 1 || width < 1 || height > most / width)
    throw std::invalid_argument("has " + std::to_string(width) + " x " + std::to_string(height) +
                                " pixels, expected at least one and at most " + std::to_string(most));
}

/// The shares of the old pixels from `first` on that a new one is made of.
struct ResizeWeights {
  Index first = 0;
  std::vector<double> shares{};
};

/// Of `old_size` pixels in a row, for each of `new_size`: a triangle as wide as a new pixel is, or an old one if that
/// is wider, so that a smaller image shows no false patterns.
inline std::vector<ResizeWeights> resize_weights(Index old_size, Index new_size) {
  const double scale = static_cast<double>(old_size) / static_cast<double>(new_size), reach = std::max(scale, 1.0);
  std::vector<ResizeWeights> all(static_cast<std::size_t>(new_size));
  for (Index k = 0; k < new_size; ++k) {
    const double centre = (static_cast<double>(k) + 0.5) * scale - 0.5;
    const auto first = std::max<Index>(0, static_cast<Index>(std::floor(centre - reach)) + 1);
    const auto end = std::min<Index>(old_size, static_cast<Index>(std::ceil(centre + reach)));
    ResizeWeights& weights = all[static_cast<std::size_t>(k)];
    weights.first = first;
    double sum = 0;
    for (Index old = first; old < end; ++old) {
      weights.shares.push_back(std::max(0.0, 1 - std::abs(static_cast<double>(old) - centre) / reach));
      sum += weights.shares.back();
    }
    for (double& share : weights.shares) share /= sum;
  }
  return all;
}

}  // namespace detail

/// The image at another size, interpolated linearly, and averaged where it becomes smaller. Pillow: resize with
/// BILINEAR. Throws std::invalid_argument unless the new size has 1 to `most_pixels` pixels.
[[nodiscard]] inline Image resized(const Image& image, Index height, Index width) {
  const Shape from = image.shape, to{height, width, image.shape.channels};
  if (from == to) return image;
  detail::require_pixels(height, width, most_pixels);
  const auto rows = detail::resize_weights(from.height, height), columns = detail::resize_weights(from.width, width);
  const auto c = from.channels;
  std::vector<double> narrow(static_cast<std::size_t>(from.height * width * c));
  for (Index i = 0; i < from.height; ++i)
    for (Index j = 0; j < width * c; ++j) {
      const detail::ResizeWeights& weights = columns[static_cast<std::size_t>(j / c)];
      const std::uint8_t* pixel = image.bytes.data() + (i * from.width + weights.first) * c + j % c;
      double& sum = narrow[static_cast<std::size_t>(i * width * c + j)];
      for (std::size_t k = 0; k < weights.shares.size(); ++k)
        sum += weights.shares[k] * pixel[static_cast<Index>(k) * c];
    }
  Image result{to, std::vector<std::uint8_t>(static_cast<std::size_t>(to.size()))};
  for (Index i = 0; i < height; ++i)
    for (Index j = 0; j < width * c; ++j) {
      const detail::ResizeWeights& weights = rows[static_cast<std::size_t>(i)];
      const double* pixel = narrow.data() + weights.first * width * c + j;
      double sum = 0;
      for (std::size_t k = 0; k < weights.shares.size(); ++k)
        sum += weights.shares[k] * pixel[static_cast<Index>(k) * width * c];
      result.bytes[static_cast<std::size_t>(i * width * c + j)] = static_cast<std::uint8_t>(std::lround(sum));
    }
  return result;
}

/// The image with 1 channel, 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601, as JPEG), or with 3.
/// Throws std::invalid_argument for other channels.
[[nodiscard]] inline Image with_channels(const Image& image, Index channels) {
  if ((channels != 1 && channels != 3) || (image.shape.channels != 1 && image.shape.channels != 3))
    throw std::invalid_argument("an image of " + std::to_string(image.shape.channels) + " channels with " +
                                std::to_string(channels) + "; expected 1 or 3");
  if (image.shape.channels == channels) return image;
  Image result{{image.shape.height, image.shape.width, channels}, {}};
  result.bytes.reserve(static_cast<std::size_t>(result.shape.size()));
  if (channels == 3) {
    for (const std::uint8_t value : image.bytes) result.bytes.insert(result.bytes.end(), 3, value);
  } else {
    for (auto pixel = image.bytes.begin(); pixel != image.bytes.end(); pixel += 3)
      result.bytes.push_back(
          static_cast<std::uint8_t>(std::lround(0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2])));
  }
  return result;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
