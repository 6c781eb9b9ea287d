#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/feature_map.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Where the activations of one sample lie if channels are to be lanes: [row][column][channel], the user's own order,
/// surrounded by a border.
struct ChannelLayout {
  Shape shape{};
  Border border{};

  /// Scalars from one row to the next.
  [[nodiscard]] constexpr Index row_stride() const {
    return (border.left + shape.width + border.right) * shape.channels;
  }
  /// Scalars in all.
  [[nodiscard]] constexpr Index size() const { return (border.top + shape.height + border.bottom) * row_stride(); }
  /// The first channel of row i, column j, which may reach into the border.
  [[nodiscard]] constexpr Index at(Index i, Index j) const {
    return (i + border.top) * row_stride() + (j + border.left) * shape.channels;
  }
  [[nodiscard]] constexpr bool has_border() const { return border != Border{}; }

  constexpr bool operator==(const ChannelLayout&) const = default;
};

/// Copies a sample's cells from one layout to another of as many values; borders stay.
template <ChannelLayout X, ChannelLayout Y, class Scalar>
void copy_cells(const Scalar* x, Scalar* y) {
  static_assert(X.shape.size() == Y.shape.size());
  if constexpr (!X.has_border() && !Y.has_border()) {
    std::copy_n(x, X.size(), y);
  } else if constexpr (!X.has_border()) {
    for (Index i = 0; i < Y.shape.height; ++i)
      std::copy_n(x + i * Y.shape.width * Y.shape.channels, Y.shape.width * Y.shape.channels, y + Y.at(i, 0));
  } else if constexpr (!Y.has_border()) {
    for (Index i = 0; i < X.shape.height; ++i)
      std::copy_n(x + X.at(i, 0), X.shape.width * X.shape.channels, y + i * X.shape.width * X.shape.channels);
  } else {
    static_assert(X.shape == Y.shape, "copy_cells: two borders around different shapes");
    for (Index i = 0; i < X.shape.height; ++i)
      std::copy_n(x + X.at(i, 0), X.shape.width * X.shape.channels, y + Y.at(i, 0));
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
