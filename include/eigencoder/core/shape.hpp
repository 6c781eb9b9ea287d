#pragma once

#include <array>
#include <eigencoder/core/array_size.hpp>
#include <eigencoder/core/eigen.hpp>
#include <eigencoder/core/index.hpp>
#include <eigencoder/core/target.hpp>
#include <string>
#include <type_traits>

namespace eigencoder::inline EIGENCODER_TARGET {

static_assert(std::is_same_v<Index, Eigen::Index>,
              "eigencoder needs Eigen's own index type: leave EIGEN_DEFAULT_DENSE_INDEX_TYPE as it is");

/// Samples, one a row; a row holds a sample's values in (height, width, channels) order.
template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// One value per sample.
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

/// The shape of one sample: an image of height x width x channels, or `Shape{n}`, a flat vector of n values (1 x 1 x
/// n). A value in types: `Sequential<Shape{28, 28, 1}, ...>`.
struct Shape {
  Index height = 1;
  Index width = 1;
  Index channels = 1;

  constexpr Shape() = default;
  constexpr explicit(false) Shape(Index values) : channels(values) {}
  constexpr Shape(Index h, Index w, Index c) : height(h), width(w), channels(c) {}

  [[nodiscard]] constexpr Index size() const { return height * width * channels; }
  [[nodiscard]] constexpr bool is_flat() const { return height == 1 && width == 1; }
  /// Every dimension is at least 1, and `size` fits an Index.
  [[nodiscard]] constexpr bool is_valid() const {
    return height > 0 && width > 0 && channels > 0 && array_size(std::array{height, width, channels});
  }

  constexpr bool operator==(const Shape&) const = default;
};

/// "(28, 28, 1)", or "(784)" for a flat shape.
[[nodiscard]] inline std::string to_string(const Shape& shape) {
  std::string text = "(";  // appended to, not summed up: g++ 12 warns of sums of strings (GCC bug 105651)
  if (!shape.is_flat())
    text.append(std::to_string(shape.height)).append(", ").append(std::to_string(shape.width)).append(", ");
  return text.append(std::to_string(shape.channels)).append(")");
}

/// Whether two shapes are equal, as a type: what compilers say of a failed `static_assert(ShapesMatch<A, B>::value)`
/// has both shapes in it.
template <Shape Got, Shape Expected>
struct ShapesMatch {
  static constexpr bool value = Got == Expected;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
