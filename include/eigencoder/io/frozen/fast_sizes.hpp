#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/frozen/reference.hpp>
#include <optional>

namespace eigencoder::inline EIGENCODER_TARGET::frozen {

/// What fast_kernels.hpp is told of a convolution, numbers of floats.
struct FastSizes {
  Index padded = 0;  ///< its input with a border
  Index step = 0;    ///< from the input of an output to that of the next
  // Where its input is repeated:
  Index folded = 0;   ///< weights, those of taps that see the same cell summed
  Index rows = 0;     ///< how often
  Index columns = 0;  ///< the same
};

/// Rows or columns of an input with the border that windows reach, each cell of it `times` over.
inline Index padded_length(const kernels::Axis& axis, bool transposed, Index times, Index in, Index out) {
  const Index reaches = axis.dilation * (axis.kernel - 1);
  Index before = (axis.padding + times - 1) / times;
  Index behind = (axis.stride * (out - 1) + reaches - axis.padding) / times - (in - 1);
  if (transposed) {
    before = (reaches - axis.padding + axis.stride - 1) / axis.stride;
    behind = (out - 1 + axis.padding) / axis.stride - (in - 1);
  }
  return in + std::max<Index>(before, 0) + std::max<Index>(behind, 0);
}

/// None if a copy of the input would be too large for a stack.
inline FastSizes fast_sizes(const network::LayerOperation& layer) {
  constexpr Index most = 32768;
  const bool transposed = layer.kind == Operation::Kind::transposed_convolution;
  const Index in = layer.input.channels;
  const FastSizes sizes{padded_length(layer.rows, transposed, 1, layer.input.height, layer.output.height) *
                            padded_length(layer.columns, transposed, 1, layer.input.width, layer.output.width) * in,
                        transposed ? in : layer.columns.stride * in};
  return sizes.padded > most ? FastSizes{} : sizes;
}

/// The same of a convolution whose input is repeated; nothing if folding would not pay, or the layers are not of such
/// kinds.
inline std::optional<FastSizes> fast_sizes(const network::LayerOperation& repetition,
                                           const network::LayerOperation& layer) {
  constexpr Index most = 16384;
  const auto plain = [](const kernels::Axis& axis) { return axis.stride == 1 && axis.dilation == 1; };
  if (repetition.kind != Operation::Kind::repetition || layer.kind != Operation::Kind::convolution ||
      !plain(layer.rows) || !plain(layer.columns))
    return {};
  const auto taps = [](const kernels::Axis& axis, Index times) { return (axis.kernel + times - 2) / times + 1; };
  const Index in = layer.input.channels, rows = repetition.rows.stride, columns = repetition.columns.stride;
  const FastSizes sizes{
      padded_length(layer.rows, false, rows, repetition.input.height, layer.output.height) *
          padded_length(layer.columns, false, columns, repetition.input.width, layer.output.width) * in,
      in, taps(layer.rows, rows) * taps(layer.columns, columns) * in * layer.output.channels, rows, columns};
  if (std::max(sizes.padded, sizes.folded) > most) return {};
  return sizes;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::frozen
