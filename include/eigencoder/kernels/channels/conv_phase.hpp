#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/form.hpp>
#include <eigencoder/kernels/conv_geometry.hpp>
#include <numeric>

/// A convolution for one sample, planned at compile time: every kind of it is a few *phases*, each a grid of positions
/// at which every output channel sums the same *runs* of neighbouring inputs.
namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels {

/// The taps that output `v` of one axis uses, from the first input that it sees on.
struct Taps {
  Index count = 0;
  /// The first input, from one to the next, and the taps they are seen through.
  Index input = 0;
  Index input_step = 1;
  Index tap = 0;
  Index tap_step = 1;

  constexpr Taps(Reach reach, Index v)
      : count(reach.tap_count(v)), tap(reach.first_tap(v)), tap_step(reach.tap_step()) {
    if (count == 0) return;
    input = reach.input(v, tap);
    if (count == 1) return;
    input_step = reach.input(v, tap + tap_step) - input;
    if (input_step < 0) {  // a transpose meets the inputs backwards
      input += (count - 1) * input_step;
      tap += (count - 1) * tap_step;
      input_step = -input_step;
      tap_step = -tap_step;
    }
  }
};

/// How the sums of `channels` outputs lie in a vector: a lane each; where that leaves lanes, `group` lanes each, for as
/// many inputs at once.
struct ConvLanes {
  Index channels = 1;
  Index padded = 1;
  Index group = 1;

  constexpr ConvLanes(Index c, Index lanes, Index run) : channels(c) {
    padded = static_cast<Index>(std::bit_ceil(static_cast<std::size_t>(c)));
    while (padded * group < lanes && run % (2 * group) == 0) group *= 2;
  }
  [[nodiscard]] constexpr int width() const { return static_cast<int>(padded * group); }
};

/// Outputs (A + i period, B + j period) for all i, j.
template <Reach Rows, Reach Columns, Index A, Index B, Shape In, Shape Out>
struct ConvPhase {
  static constexpr Taps rows{Rows, A}, columns{Columns, B};
  static constexpr Index row_period = Rows.period(), column_period = Columns.period();
  static constexpr Index down = std::max<Index>(0, (Out.height - A + row_period - 1) / row_period);
  static constexpr Index across = std::max<Index>(0, (Out.width - B + column_period - 1) / column_period);

  /// Inputs of a row that lie side by side are one run.
  static constexpr bool joined = columns.input_step == 1;
  static constexpr Index run = (joined ? columns.count : 1) * In.channels;
  static constexpr Index runs = rows.count * (joined ? (columns.count > 0) : columns.count);
  static constexpr Index row_of(Index r) { return joined ? r : r / columns.count; }
  static constexpr Index column_of(Index r) { return joined ? 0 : r % columns.count; }

  /// Where each run begins, from the first input of the map.
  template <ChannelLayout X>
  static constexpr auto offsets = [] {
    std::array<Index, static_cast<std::size_t>(runs)> from{};
    for (Index r = 0; r < runs; ++r)
      from[static_cast<std::size_t>(r)] =
          X.at(rows.input + row_of(r) * rows.input_step, columns.input + column_of(r) * columns.input_step);
    return from;
  }();
};

/// A tile sums `vectors` vectors of outputs at rows x columns positions.
struct ConvTile {
  Index rows = 1;
  Index columns = 1;
  Index vectors = 1;
};

/// The fastest tile for a grid of positions. A step of a tile, one input (or group of them) at each position, takes in
/// half cycles, two multiply-adds and two loads being started in a cycle, and a sum's next multiply-add waiting four:
constexpr Index step_time(Index positions, Index vectors) {
  return std::max<Index>({positions * vectors, positions + vectors + 1, 8}) + 1;
}
constexpr ConvTile choose_conv_tile(Index down, Index across, Index vectors, Index group, Index steps) {
  ConvTile best;
  double least = -1;
  for (Index v = 1; v <= std::min<Index>(4, vectors); ++v) {
    if (vectors % v != 0) continue;
    for (Index r = 1; r <= down && r * v <= accumulators; ++r)
      for (Index c = 1; c <= across && r * c * v <= accumulators; ++c) {
        Index time = 0, tiles = 0;
        const auto add = [&](Index rows, Index columns, Index number) {
          if (rows == 0 || columns == 0) return;
          // Sums of groups of lanes cost some shuffles for each vector that they fill; a tile, its start and end.
          const Index merges = rows * ((columns + group - 1) / group) * (group - 1) * 6;
          time += number * (steps * step_time(rows * columns, v) + merges + 10);
          ++tiles;
        };
        add(r, c, (down / r) * (across / c));
        add(r, across % c, down / r);
        add(down % r, c, across / c);
        add(down % r, across % c, 1);
        // The code of every shape of tile costs compile time and instruction cache: a little speed.
        const double cost = static_cast<double>(time * (vectors / v)) * (1 + 0.02 * static_cast<double>(tiles - 1));
        if (least >= 0 && cost >= least) continue;
        least = cost;
        best = {r, c, v};
      }
  }
  return best;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels
