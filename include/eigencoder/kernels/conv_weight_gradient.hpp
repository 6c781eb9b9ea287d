#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/conv.hpp>
#include <eigencoder/simd/lane_reduction.hpp>

/// The weight gradient of a convolution, in either direction:
///   dw(c, f, k) += sum over positions p and samples of coarse(c, p) fine(f, stride p + dilation k - padding),
///
///     for each tap (u, v), fine channel f, coarse channel c
///       for (Index i = 0; i < coarse.height; ++i)
///         for (Index j = 0; j < coarse.width; ++j)
///           dw(c, f, u, v) += sum(coarse(c, i, j) * fine(f, stride i + dilation u - padding, ... j ... v ...));
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// A tile holds the sums of `coarse` x `fine` channel pairs and rows x columns taps while it walks over `chunk_rows` x
/// `chunk_columns` positions of the coarse map, so few that its operands stay in the first cache for the next tiles.
struct WeightTile {
  Index coarse = 1;
  Index fine = 1;
  Index rows = 1;
  Index columns = 1;
  Index chunk_rows = 1;
  Index chunk_columns = 1;

  constexpr bool operator==(const WeightTile&) const = default;
};

/// What a chunk's operands may take of the first cache, in bytes.
inline constexpr Index chunk_bytes = 30 * 1024;

/// The fastest tile by `tile_time`; `bytes` is a register's size.
constexpr WeightTile choose_weight_tile(Geometry g, Shape fine, Shape coarse, Index bytes) {
  WeightTile best;
  double best_time = -1;
  const Index widest = std::min(g.columns.kernel, accumulators / 2);
  const Index columns = (g.columns.kernel + (g.columns.kernel + widest - 1) / widest - 1) /
                        ((g.columns.kernel + widest - 1) / widest);  // taps of a kernel's row, halved if too many
  for (const Index rows : {Index{1}, g.rows.kernel})
    for (Index c = 1; c <= std::min(coarse.channels, accumulators); ++c)
      for (Index f = 1; f <= std::min(fine.channels, accumulators); ++f) {
        const Index taps = rows * columns;
        if (c * f * taps > accumulators) continue;
        if (c * f * taps + std::min(c, f * taps) + 1 + (c < f * taps ? 1 : 0) > simd::register_count) continue;
        const double time =
            static_cast<double>(g.rows.kernel / rows) * over_blocks(coarse.channels, c, [&](Index cs) {
              return over_blocks(fine.channels, f, [&](Index fs) {
                return tile_time(static_cast<double>(cs * fs * taps), static_cast<double>(cs + fs * taps), 0,
                                 static_cast<double>(cs * fs * taps));
              });
            });
        if (best_time >= 0 && time >= best_time) continue;
        best_time = time;
        best = {c, f, rows, columns, 1, 1};
      }

  // The longest chunk that fits, evened out; narrower than the map only where one row is too much.
  const auto fits = [&](Index height, Index width) {
    const Index fine_rows = g.rows.stride * (height - 1) + g.rows.dilation * (g.rows.kernel - 1) + 1;
    return (best.coarse * height * width + best.fine * fine_rows * g.columns.stride * width) * bytes <= chunk_bytes;
  };
  const auto evened = [](Index total, Index most) {
    return (total + (total + most - 1) / most - 1) / ((total + most - 1) / most);
  };
  Index width = coarse.width;
  while (width > 32 && !fits(1, width)) --width;
  Index height = coarse.height;
  while (height > 1 && !fits(height, width)) --height;
  best.chunk_rows = evened(coarse.height, height);
  best.chunk_columns = evened(coarse.width, width);
  return best;
}

/// f(coarse channels, fine channels, columns, first coarse channel, first fine channel, first row, first column), the
/// first three as constants, for every tile of a weight gradient. The fine channels change last: their rows stay in the
/// first cache.
template <Geometry G, WeightTile T, Index CoarseChannels, Index FineChannels, class Function>
[[gnu::always_inline]] constexpr void for_each_weight_tile(Function&& f) {
  for_blocks<FineChannels, T.fine>([&](auto fine, Index fine_first) __attribute__((always_inline)) {
    for_blocks<CoarseChannels, T.coarse>([&](auto coarse, Index coarse_first) __attribute__((always_inline)) {
      for (Index row = 0; row < G.rows.kernel; row += T.rows)
        for_blocks<G.columns.kernel, T.columns>([&](auto columns, Index column) __attribute__((always_inline)) {
          f(coarse, fine, columns, coarse_first, fine_first, row, column);
        });
    });
  });
}

/// dw of a convolution between maps of shapes `Fine` and `Coarse`, on packs of type `Pack`.
template <Geometry G, Shape Fine, Shape Coarse, class Pack>
struct WeightGradient {
  using Scalar = typename Pack::Scalar;
  using Register = typename Pack::Register;
  static constexpr int lanes = Register::lanes;
  static constexpr WeightTile tile = choose_weight_tile(G, Fine, Coarse, static_cast<Index>(sizeof(Register)));

  /// Scalars of a tile's panel: its sums, in whole registers.
  static constexpr Index tile_size(Index coarse, Index fine, Index columns) {
    return (coarse * fine * tile.rows * columns + lanes - 1) / lanes * lanes;
  }

  /// Scalars that `add` sums to, tile after tile.
  static constexpr Index panel_size = [] {
    Index total = 0;
    for_each_weight_tile<G, tile, Coarse.channels, Fine.channels>(
        [&](auto coarse, auto fine, auto columns, Index, Index, Index, Index) {
          total += tile_size(coarse, fine, columns);
        });
    return total;
  }();

  /// panel += the sums over all positions and samples. Reads `fine_border` around the fine map.
  template <Layout C, Layout F>
  [[gnu::noinline]] static void add(FeatureMap<const Pack, C> coarse, FeatureMap<const Pack, F> fine, Scalar* panel,
                                    const RunningSum running = {}) {
    static_assert(C.shape == Coarse && F.shape == Fine, "WeightGradient: maps of other shapes");
    for (Index i = 0; i < Coarse.height; i += tile.chunk_rows)
      for (Index j = 0; j < Coarse.width; j += tile.chunk_columns) {
        const Index height = std::min(tile.chunk_rows, Coarse.height - i);
        const Index width = std::min(tile.chunk_columns, Coarse.width - j);
        const RunningSum piece =
            running.piece(i == 0 && j == 0, i + height == Coarse.height && j + width == Coarse.width);
        Scalar* to = panel;
        for_each_weight_tile<G, tile, Coarse.channels, Fine.channels>([&]<int Cs, int Fs, int Columns>(
            std::integral_constant<int, Cs>, std::integral_constant<int, Fs>, std::integral_constant<int, Columns>,
            Index c, Index f, Index row, Index column) __attribute__((always_inline)) {
          const Index fine_row = G.rows.stride * i + G.rows.dilation * row - G.rows.padding;
          const Index fine_column = G.columns.stride * j + G.columns.dilation * column - G.columns.padding;
          add_tile<Cs, Fs, Columns, C, F>(coarse.data() + C.at(c, i, j), fine.data() + F.at(f, fine_row, fine_column),
                                          height, width, to, piece);
          to += tile_size(Cs, Fs, Columns);
        });
      }
  }

  /// f(coarse channel, fine channel, row, column, gradient) for every weight of a panel.
  template <class Function>
  static void for_each_weight(const Scalar* panel, const Function& f) {
    for_each_weight_tile<G, tile, Coarse.channels, Fine.channels>(
        [&]<int Cs, int Fs, int Columns>(std::integral_constant<int, Cs>, std::integral_constant<int, Fs>,
                                         std::integral_constant<int, Columns>, Index c, Index fine, Index row,
                                         Index column) {
          simd::for_each_reduced<Scalar, Cs * Fs* static_cast<int>(tile.rows) * Columns>([&](int k, int at) {
            const int tap = k / (Cs * Fs);
            f(c + k % Cs, fine + k / Cs % Fs, row + tap / Columns, column + tap % Columns, panel[at]);
          });
          panel += tile_size(Cs, Fs, Columns);
        });
  }

 private:
  template <int Cs, int Fs, int Columns, Layout C, Layout F>
  [[gnu::always_inline]] static void add_tile(const Pack* coarse, const Pack* fine, Index height, Index width,
                                              Scalar* panel, const RunningSum& running) {
    constexpr int fine_count = Fs * static_cast<int>(tile.rows) * Columns;
    Register sum[fine_count * Cs];
    simd::unroll<fine_count * Cs>([&](int k) __attribute__((always_inline)) { sum[k] = Register(Scalar(0)); });

    for (int r = 0; r < Pack::registers; ++r)
      for (Index i = 0; i < height; ++i) {
        const Pack* c = coarse + i * C.row_stride();
        const Pack* f = fine + i * G.rows.stride * F.row_stride();
        for (Index j = 0; j < width; ++j, ++c, f += G.columns.stride) {
          const auto coarse_value = [&](int n) __attribute__((always_inline)) {
            return c[n * C.channel_stride()].part[r];
          };
          const auto fine_value = [&](int n) __attribute__((always_inline)) {
            const Index tap = n / Fs;
            return f[n % Fs * F.channel_stride() + tap / Columns * G.rows.dilation * F.row_stride() +
                     tap % Columns * G.columns.dilation]
                .part[r];
          };
          // The fewer operands stay in registers while the others stream past them.
          if constexpr (Cs <= fine_count) {
            Register value[Cs];
            simd::unroll<Cs>([&](int n) __attribute__((always_inline)) { value[n] = coarse_value(n); });
            simd::unroll<fine_count>([&](int m) __attribute__((always_inline)) {
              const Register other = fine_value(m);
              simd::unroll<Cs>([&](int n) __attribute__((always_inline)) {
                sum[m * Cs + n] = multiply_add(value[n], other, sum[m * Cs + n]);
              });
            });
          } else {
            Register value[fine_count];
            simd::unroll<fine_count>([&](int m) __attribute__((always_inline)) { value[m] = fine_value(m); });
            simd::unroll<Cs>([&](int n) __attribute__((always_inline)) {
              const Register other = coarse_value(n);
              simd::unroll<fine_count>([&](int m) __attribute__((always_inline)) {
                sum[m * Cs + n] = multiply_add(value[m], other, sum[m * Cs + n]);
              });
            });
          }
        }
      }

    simd::add_reduced<Scalar>(sum, panel, running);
  }
};

/// sums[c] += sum over positions and samples of map(c, ., .), the gradient of a bias:
///
///     for_each_cell(L.shape, [&](Index c, Index i, Index j) { sums[c] += sum(map(c, i, j)); });
template <class Pack, Layout L>
[[gnu::noinline]] void add_channel_sums(FeatureMap<const Pack, L> map, typename Pack::Scalar* sums) {
  using Scalar = typename Pack::Scalar;
  using Register = typename Pack::Register;
  constexpr int chains = 4;  // sums that do not wait for each other
  for_blocks<L.shape.channels, Register::lanes>([&]<int Count>(std::integral_constant<int, Count>, Index first) {
    Register total[Count];
    for (int c = 0; c < Count; ++c) {
      Register chain[chains];
      simd::unroll<chains>([&](int k) __attribute__((always_inline)) { chain[k] = Register(Scalar(0)); });
      for (Index i = 0; i < L.shape.height; ++i) {
        const Pack* row = map.data() + L.at(first + c, i, 0);
        for (int r = 0; r < Pack::registers; ++r) {
          for_blocks<L.shape.width, chains>([&](auto count, Index j) __attribute__((always_inline)) {
            simd::unroll<count>([&](int k) __attribute__((always_inline)) { chain[k] += row[j + k].part[r]; });
          });
        }
      }
      total[c] = (chain[0] + chain[1]) + (chain[2] + chain[3]);
    }
    alignas(simd::alignment) Scalar values[Register::lanes];
    simd::LaneReduction<Scalar>::reduce(total).store(values);
    for (int lane = 0; lane < Register::lanes; ++lane) {
      const int c = simd::LaneReduction<Scalar>::template order<Count>[static_cast<std::size_t>(lane)];
      if (c >= 0) sums[first + c] += values[lane];
    }
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
