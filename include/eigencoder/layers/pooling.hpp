#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/cells.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/padding.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// The windows of a pooling layer: where each lies, and how it is cut off at the border, where `same` lets it hang
/// over.
template <Shape In, Size Pool, Size Stride, PaddingOption Padding>
struct Pooling {
  static constexpr Slide rows = slide(In.height, Pool.height, Stride.height, Padding);
  static constexpr Slide columns = slide(In.width, Pool.width, Stride.width, Padding);
  static constexpr kernels::Axis row_axis{Pool.height, Stride.height, 1, rows.padding};
  static constexpr kernels::Axis column_axis{Pool.width, Stride.width, 1, columns.padding};
  static constexpr Shape output{rows.output, columns.output, In.channels};
  /// True if every input cell lies in one window at most.
  static constexpr bool disjoint = Stride.height >= Pool.height && Stride.width >= Pool.width;

  /// True if the windows tile the input from its first cell on; only the last ones may hang over.
  static constexpr bool tiles = Stride == Pool && rows.padding == 0 && columns.padding == 0;

  /// f(k, row, column) for the k-th cell of the window of output (i, j), in row-major order; only for real cells.
  template <class Function>
  [[gnu::always_inline]] static void for_each_cell(Index i, Index j, Function&& f) {
    constexpr int width = static_cast<int>(Pool.width);
    const Index top = i * Stride.height - rows.padding;
    const Index left = j * Stride.width - columns.padding;
    if (top >= 0 && left >= 0 && top + Pool.height <= In.height && left + Pool.width <= In.width) {
      simd::unroll<static_cast<int>(Pool.height) * width>([&](int k) __attribute__((always_inline)) {
        f(k, top + k / width, left + k % width);
      });
    } else {
      for (int k = 0; k < Pool.height * width; ++k) {
        const Index row = top + k / width;
        const Index column = left + k % width;
        if (row >= 0 && row < In.height && column >= 0 && column < In.width) f(k, row, column);
      }
    }
  }

  /// Real cells in the window of output (i, j).
  static constexpr Index count(Index i, Index j) {
    const auto overlap = [](Index first, Index size, Index total) {
      return std::min(first + size, total) - std::max<Index>(first, 0);
    };
    return overlap(i * Stride.height - rows.padding, Pool.height, In.height) *
           overlap(j * Stride.width - columns.padding, Pool.width, In.width);
  }

  /// f(k, i, j) for every output (i, j) whose window has (row, column) as its k-th cell.
  template <class Function>
  [[gnu::always_inline]] static void for_each_window(Index row, Index column, Function&& f) {
    const Index last_i = std::min((row + rows.padding) / Stride.height, rows.output - 1);
    const Index last_j = std::min((column + columns.padding) / Stride.width, columns.output - 1);
    for (Index i = last_i; i >= 0 && row + rows.padding - i * Stride.height < Pool.height; --i)
      for (Index j = last_j; j >= 0 && column + columns.padding - j * Stride.width < Pool.width; --j)
        f((row + rows.padding - i * Stride.height) * Pool.width + (column + columns.padding - j * Stride.width), i, j);
  }

  /// dx(cell) = sum over the windows with the cell of share(k, c, i, j), k being the cell's number in window (i, j).
  template <class Pack, class DX, class Share>
  [[gnu::always_inline]] static void spread(const DX& dx, const Share& share) {
    if constexpr (disjoint) {
      for (Index c = 0; c < In.channels; ++c) {
        zero_uncovered<Pack>(dx, c);
        for (Index i = 0; i < output.height; ++i)
          for (Index j = 0; j < output.width; ++j)
            for_each_cell(
                i, j, [&](int k, Index row, Index column) __attribute__((always_inline)) {
                  dx(c, row, column) = share(k, c, i, j);
                });
      }
    } else {
      eigencoder::for_each_cell(In, [&](Index c, Index row, Index column) {
        Pack total(0);
        for_each_window(row, column, [&](Index k, Index i, Index j) { total += share(static_cast<int>(k), c, i, j); });
        dx(c, row, column) = total;
      });
    }
  }

 private:
  static constexpr bool covered(Index position, const Slide& axis, Index size, Index stride) {
    return (position + axis.padding) / stride < axis.output && (position + axis.padding) % stride < size;
  }

  /// Cells between disjoint windows, or beyond the last one.
  template <class Pack, class DX>
  static void zero_uncovered(const DX& dx, Index c) {
    for (Index row = 0; row < In.height; ++row) {
      const bool row_covered = covered(row, rows, Pool.height, Stride.height);
      for (Index column = 0; column < In.width; ++column)
        if (!row_covered || !covered(column, columns, Pool.width, Stride.width)) dx(c, row, column) = Pack(0);
    }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
