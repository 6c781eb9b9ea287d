#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/conv_geometry.hpp>

/// How a convolution's outputs are cut into tiles whose sums live in registers, decided at compile time.
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// Sums that a tile may keep in registers beside its operands.
inline constexpr Index accumulators = simd::register_count == 32 ? 24 : 12;

/// A tile sums `channels` output channels of `steps` groups of neighbouring columns; a group is rows x columns outputs.
struct Tile {
  Index channels = 1;
  Index steps = 1;
  Index rows = 1;
  Index columns = 1;
  /// False: a group's outputs are summed one phase at a time, tap by tap: each input serves `channels` multiply-adds
  /// and each weight `steps`. True: all at once, input by input: for a single output channel, where an input would
  /// otherwise be loaded for one multiply-add alone, it serves all the taps (7 x 2 outputs: 90 % of peak; 1 x 14, tap
  /// by tap: 60 %).
  bool by_input = false;

  constexpr bool operator==(const Tile&) const = default;
};

/// A tile's time in half cycles: two multiply-adds and two loads can start in a cycle, and a sum's next multiply-add
/// must wait four cycles for the last. A little for each tile and load on top, so that fewer win; more for each input,
/// which a map of many channels brings from the second cache for each block of output channels (10 % between 3 x 7 and
/// 6 x 4).
constexpr double tile_time(double multiply_adds, double loads, double inputs, double sums) {
  return std::max({multiply_adds, loads, 8 * multiply_adds / sums}) + 0.1 * loads + 0.2 * inputs + 1;
}

/// Sum of f(size) over `total` cut into blocks of `block` and a rest.
template <class Function>
constexpr double over_blocks(Index total, Index block, Function f) {
  const Index rest = total % block;
  return static_cast<double>(total / block) * f(block) + (rest > 0 ? f(rest) : 0);
}

/// What the code of a tile and its rests costs, in compile time and instruction cache: a little speed per shape.
constexpr double with_rests(double time, Index total, Index block, Index other_total, Index other_block) {
  const int shapes = (total % block > 0 ? 2 : 1) * (other_total % other_block > 0 ? 2 : 1);
  return time * (1 + 0.02 * (shapes - 1));
}

/// The fastest tile, by `tile_time`, for outputs of a shape.
constexpr Tile choose_tile(Reach rows, Reach columns, Shape out) {
  const Index row_taps = rows.axis.kernel;
  const Index column_taps = columns.axis.kernel;
  Tile best{1, 1, rows.period(), columns.period(), false};
  double best_time = -1;
  const auto consider = [&](Tile tile, double time) {
    if (best_time >= 0 && time >= best_time) return;
    best = tile;
    best_time = time;
  };

  const Index groups = (out.width + columns.period() - 1) / columns.period();
  for (Index c = 1; c <= std::min(out.channels, accumulators); ++c)
    for (Index s = 1; s <= std::min(groups, accumulators / c); ++s) {
      // Beside the sums: the operands that stay, one that streams past, and where those are inputs, one loaded ahead.
      if (c * s + std::min(c, s) + 1 + (s > c ? 1 : 0) > simd::register_count) continue;
      // The rows of outputs and their taps cancel: all phases together use each tap once.
      const double taps = static_cast<double>(row_taps * column_taps * out.height) / static_cast<double>(rows.period());
      const double time =
          taps * over_blocks(out.channels, c, [&](Index channels) {
            return over_blocks(groups, s, [&](Index steps) {
              return tile_time(static_cast<double>(channels * steps), static_cast<double>(channels + steps),
                               static_cast<double>(steps), static_cast<double>(channels * steps));
            });
          });
      consider({c, s, rows.period(), columns.period(), false}, with_rests(time, out.channels, c, groups, s));
    }
  if (out.channels > 1) return best;

  for (Index r = rows.period(); r <= std::min(out.height, accumulators); r += rows.period())
    for (Index s = 1; s <= std::min(groups, accumulators); ++s) {
      const Index sums = r * columns.period() * s;
      const Index held = r > rows.period() ? row_taps : 1;  // weights that stay in registers from row to row
      if (sums > accumulators || sums + s + held > simd::register_count) continue;
      const double time = over_blocks(out.height, r, [&](Index height) {
        return over_blocks(groups, s, [&](Index steps) {
          const auto group_rows = static_cast<double>(height) / static_cast<double>(rows.period());
          const Index seen_rows = rows.inputs(height).size();
          const Index seen_columns = columns.inputs(columns.period()).size();
          return tile_time(
              group_rows * static_cast<double>(row_taps * column_taps * steps),
              static_cast<double>(seen_rows * seen_columns * steps + row_taps * column_taps),
              static_cast<double>(seen_rows * (seen_columns + columns.advance(columns.period()) * (steps - 1))),
              static_cast<double>(height * columns.period() * steps));
        });
      });
      consider({1, s, r, columns.period(), true}, with_rests(time, out.height, r, groups, s));
    }
  return best;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
