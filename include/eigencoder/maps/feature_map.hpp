#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/pack.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Rows and columns of zeros around a feature map, so that a convolution needs no test at its border.
struct Border {
  Index top = 0;
  Index left = 0;
  Index bottom = 0;
  Index right = 0;

  constexpr bool operator==(const Border&) const = default;
};

/// Where a feature map's packs lie: [channel][row][column], a plane surrounded by its border.
///
/// Planes are an odd number of packs apart: with an even distance the same cell of all channels falls into few sets of
/// the cache (16 % of a training step).
struct Layout {
  Shape shape{};
  Border border{};

  [[nodiscard]] constexpr Index row_stride() const { return border.left + shape.width + border.right; }
  [[nodiscard]] constexpr Index channel_stride() const {
    if (shape.is_flat() && border == Border{}) return 1;
    return ((border.top + shape.height + border.bottom) * row_stride()) | 1;
  }
  /// Packs in all.
  [[nodiscard]] constexpr Index size() const { return channel_stride() * shape.channels; }
  /// The pack of channel c, row i, column j; i and j may reach into the border.
  [[nodiscard]] constexpr Index at(Index c, Index i, Index j) const {
    return c * channel_stride() + (i + border.top) * row_stride() + (j + border.left);
  }

  constexpr bool operator==(const Layout&) const = default;
};

/// A micro-batch's activations of one layer: a view of packs in a Layout, indexed (channel, row, column).
template <class Pack_, Layout L>
class FeatureMap {
 public:
  using Pack = std::remove_const_t<Pack_>;
  using Scalar = typename Pack::Scalar;
  static constexpr Layout layout = L;
  static constexpr Shape shape = L.shape;

  constexpr explicit FeatureMap(Pack_* data) : data_(data) {}
  /// A read-only view of the same packs.
  [[gnu::always_inline]] constexpr explicit(false) operator FeatureMap<const Pack, L>() const
    requires(!std::is_const_v<Pack_>)
  {
    return FeatureMap<const Pack, L>(data_);
  }

  [[gnu::always_inline]] Pack_& operator()(Index c, Index i, Index j) const { return data_[L.at(c, i, j)]; }
  /// The k-th value in the user's (height, width, channels) order.
  [[gnu::always_inline]] Pack_& operator[](Index k) const {
    if constexpr (L.shape.is_flat()) {
      return data_[L.at(k, 0, 0)];
    } else {
      const Index cell = k / L.shape.channels;
      return data_[L.at(k % L.shape.channels, cell / L.shape.width, cell % L.shape.width)];
    }
  }
  [[nodiscard]] Pack_* data() const { return data_; }

 private:
  Pack_* data_;
};

/// f(channel, row, column) for every cell of a shape, in the order of memory.
template <class Function>
[[gnu::always_inline]] inline void for_each_cell(Shape shape, Function&& f) {
  for (Index c = 0; c < shape.channels; ++c)
    for (Index i = 0; i < shape.height; ++i)
      for (Index j = 0; j < shape.width; ++j) f(c, i, j);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
