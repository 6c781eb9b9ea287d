#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Transforms of images for `FitOptions::augmentation`. Names, and factors, are those of Keras's layers.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// Uniform in [-most, most].
inline double uniform_around_zero(Random& random, double most) { return most * (2 * random.uniform<double>() - 1); }

inline void require_factor(const char* owner, const char* name, double factor) {
  if (!(factor >= 0 && factor <= 1))
    throw std::invalid_argument(std::string(owner) + ": " + name + " is " + std::to_string(factor) +
                                ", but must be in [0, 1]");
}

/// image(i, j) = old(source(i, j)), interpolated between the four pixels around, those outside being `fill`. source
/// gives row and column.
template <class Scalar, class Source>
void warp(std::span<Scalar> image, const Shape& shape, double fill, const Source& source) {
  const std::vector<Scalar> old(image.begin(), image.end());
  const auto pixel = [&](Index i, Index j, Index c) {
    const bool inside = i >= 0 && i < shape.height && j >= 0 && j < shape.width;
    return inside ? static_cast<double>(old[static_cast<std::size_t>((i * shape.width + j) * shape.channels + c)])
                  : fill;
  };
  auto to = image.begin();
  for (Index i = 0; i < shape.height; ++i)
    for (Index j = 0; j < shape.width; ++j) {
      const auto [y, x] = source(static_cast<double>(i), static_cast<double>(j));
      const double top = std::floor(y), left = std::floor(x), down = y - top, right = x - left;
      const auto row = static_cast<Index>(top), column = static_cast<Index>(left);
      for (Index c = 0; c < shape.channels; ++c) {
        const double above = (1 - right) * pixel(row, column, c) + right * pixel(row, column + 1, c);
        const double below = (1 - right) * pixel(row + 1, column, c) + right * pixel(row + 1, column + 1, c);
        *to++ = static_cast<Scalar>((1 - down) * above + down * below);
      }
    }
}

}  // namespace detail

/// Moves the image by up to these shares of its height and width, each way; what comes in is `fill`.
/// Keras: RandomTranslation.
struct RandomTranslation {
  double height_factor = 0.1;
  double width_factor = 0.1;
  double fill = 0;

  void check() const {
    detail::require_factor("RandomTranslation", "height_factor", height_factor);
    detail::require_factor("RandomTranslation", "width_factor", width_factor);
  }

  template <class Scalar>
  void apply(std::span<Scalar> image, const Shape& shape, Random& random) const {
    const double down = detail::uniform_around_zero(random, height_factor) * static_cast<double>(shape.height);
    const double right = detail::uniform_around_zero(random, width_factor) * static_cast<double>(shape.width);
    detail::warp(image, shape, fill, [=](double i, double j) { return std::pair(i - down, j - right); });
  }
};

/// Mirrors the image, each way that is asked for with probability 1/2. Keras: RandomFlip.
struct RandomFlip {
  bool horizontal = true;  ///< left and right change places
  bool vertical = false;

  template <class Scalar>
  void apply(std::span<Scalar> image, const Shape& shape, Random& random) const {
    const bool left_right = random.uniform<double>() < 0.5, up_down = random.uniform<double>() < 0.5;
    const auto swap = [&](Index i, Index j, Index k, Index l) {
      const auto at = [&](Index row, Index column) {
        return image.begin() + (row * shape.width + column) * shape.channels;
      };
      std::swap_ranges(at(i, j), at(i, j) + shape.channels, at(k, l));
    };
    if (horizontal && left_right)
      for (Index i = 0; i < shape.height; ++i)
        for (Index j = 0; j < shape.width / 2; ++j) swap(i, j, i, shape.width - 1 - j);
    if (vertical && up_down)
      for (Index i = 0; i < shape.height / 2; ++i)
        for (Index j = 0; j < shape.width; ++j) swap(i, j, shape.height - 1 - i, j);
  }
};

/// Turns the image around its middle by up to this share of a whole turn, either way; what comes in is `fill`.
/// Keras: RandomRotation.
struct RandomRotation {
  double factor = 0.05;
  double fill = 0;

  void check() const { detail::require_factor("RandomRotation", "factor", factor); }

  template <class Scalar>
  void apply(std::span<Scalar> image, const Shape& shape, Random& random) const {
    const double angle = 2 * std::numbers::pi * detail::uniform_around_zero(random, factor);
    const double s = std::sin(angle), c = std::cos(angle);
    const double y = static_cast<double>(shape.height - 1) / 2, x = static_cast<double>(shape.width - 1) / 2;
    detail::warp(image, shape, fill, [=](double i, double j) {
      return std::pair(y + c * (i - y) + s * (j - x), x - s * (i - y) + c * (j - x));
    });
  }
};

/// Adds one number of [-factor, factor] to all values and brings them back into [0, 1]. Keras: RandomBrightness, of
/// values in [0, 1].
struct RandomBrightness {
  double factor = 0.2;

  void check() const { detail::require_factor("RandomBrightness", "factor", factor); }

  template <class Scalar>
  void apply(std::span<Scalar> image, const Shape&, Random& random) const {
    const auto more = static_cast<Scalar>(detail::uniform_around_zero(random, factor));
    for (Scalar& value : image) value = std::clamp(value + more, Scalar(0), Scalar(1));
  }
};

/// Each value 1 with the probability that it is, else 0: black and white images of grey ones, others in every epoch.
/// Source: Salakhutdinov, Murray, "On the quantitative analysis of deep belief networks", 2008.
struct RandomBinarization {
  template <class Scalar>
  void apply(std::span<Scalar> image, const Shape&, Random& random) const {
    for (Scalar& value : image) value = random.uniform<Scalar>() < value ? Scalar(1) : Scalar(0);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
