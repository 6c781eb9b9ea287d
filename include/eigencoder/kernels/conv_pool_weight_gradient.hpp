#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/conv_weight_gradient.hpp>

/// The weight gradient of a convolution whose 2 x 2 windows were pooled to their maxima.
///
/// In each lane one cell of a window has a gradient and the other three have none. So in place of four multiply-adds
/// with zeros among them, one does, with the input that the maximum's cell saw: for a window at row 2i and column 2j
/// whose maximum was at (2i + u, 2j + v),
///   dw(c, f, k, l) += dy(c, i, j) x(f, 2i + u + k - p, 2j + v + l - p),
/// picked by two selections, first by v among columns and then by u among rows: 21 selections and 9 multiply-adds for a
/// 3 x 3 kernel in place of 36 multiply-adds, and no full-size gradient map between (2x on a first layer, 1.15x within
/// a network).
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// Kernels whose sums, with what a row of selections needs, fit the registers.
template <Geometry G>
inline constexpr bool selects_pooled_inputs =
    simd::register_count == 32 && G.rows.stride == 1 && G.columns.stride == 1 && G.rows.dilation == 1 &&
    G.columns.dilation == 1 && G.taps() <= 9;

/// Zeros that the kernel reads around x, also where a last window hangs over.
constexpr Border pooled_input_border(Geometry g, Shape in, Shape pooled) {
  return fine_border(g, in, Shape{2 * pooled.height, 2 * pooled.width, 1});
}

template <Geometry G, Shape In, Shape Pooled, class Pack>
struct PooledWeightGradient {
  using Scalar = typename Pack::Scalar;
  using Register = typename Pack::Register;
  static constexpr int lanes = Register::lanes;
  static constexpr int rows = static_cast<int>(G.rows.kernel);
  static constexpr int columns = static_cast<int>(G.columns.kernel);
  static constexpr int taps = rows * columns;
  /// Output channels to a tile, so that there are enough sums to keep the multiply-add units busy.
  static constexpr Index channels = std::min<Index>(Pooled.channels, std::max(1, 18 / taps));
  /// Rows of windows to a chunk: x stays in the first cache for all output channels.
  static constexpr Index chunk = [] {
    const Index row = 2 * (In.width + G.columns.kernel) * static_cast<Index>(sizeof(Register));
    const Index most = std::clamp<Index>(chunk_bytes / 2 / row, 1, Pooled.height);
    return (Pooled.height + (Pooled.height + most - 1) / most - 1) / ((Pooled.height + most - 1) / most);
  }();

  static constexpr Index tile_size(Index count) { return (count * taps + lanes - 1) / lanes * lanes; }
  static constexpr Index panel_size =
      In.channels * (Pooled.channels / channels * tile_size(channels) +
                     (Pooled.channels % channels > 0 ? tile_size(Pooled.channels % channels) : 0));

  /// For every channel pair, tap (k, l), window (i, j) and sample, with (u, v) the place of the window's maximum:
  ///
  ///     dw(c, f, k, l) += dy(c, i, j) * x(f, 2 * i + u + k - p, 2 * j + v + l - p);
  ///
  /// panel += the sums over all windows and samples. Reads `pooled_input_border` around x. `argmax` is the
  /// cell, 0 to 3 in row-major order, of each window's maximum.
  template <Layout X, Layout N, Layout DY>
  [[gnu::noinline]] static void add(FeatureMap<const Pack, X> x, FeatureMap<const Pack, N> argmax,
                                    FeatureMap<const Pack, DY> dy, Scalar* panel, const RunningSum running = {}) {
    for (Index first = 0; first < Pooled.height; first += chunk) {
      const RunningSum piece = running.piece(first == 0, first + chunk >= Pooled.height);
      Scalar* to = panel;
      for (Index f = 0; f < In.channels; ++f)
        for_blocks<Pooled.channels, channels>([&](auto count, Index c) __attribute__((always_inline)) {
          add_tile<count>(x, argmax, dy, f, c, first, std::min(first + chunk, Pooled.height), to, piece);
          to += tile_size(count);
        });
    }
  }

  /// f(output channel, input channel, row, column, gradient) for every weight of a panel.
  template <class Function>
  static void for_each_weight(const Scalar* panel, const Function& f) {
    for (Index in = 0; in < In.channels; ++in)
      for_blocks<Pooled.channels, channels>([&](auto count, Index c) {
        simd::for_each_reduced<Scalar, count * taps>(
            [&](int k, int at) { f(c + k / taps, in, k % taps / columns, k % columns, panel[at]); });
        panel += tile_size(count);
      });
  }

 private:
  template <int Count, Layout X, Layout N, Layout DY>
  [[gnu::always_inline]] static void add_tile(FeatureMap<const Pack, X> x, FeatureMap<const Pack, N> argmax,
                                              FeatureMap<const Pack, DY> dy, Index f, Index c, Index first, Index last,
                                              Scalar* panel, const RunningSum& running) {
    Register sum[Count * taps];
    simd::unroll<Count * taps>([&](int k) __attribute__((always_inline)) { sum[k] = Register(Scalar(0)); });
    for (int r = 0; r < Pack::registers; ++r)
      for (Index i = first; i < last; ++i)
        for (Index j = 0; j < Pooled.width; ++j) {
          const Pack* origin = x.data() + X.at(f, 2 * i - G.rows.padding, 2 * j - G.columns.padding);
          simd::unroll<Count>([&](int n) __attribute__((always_inline)) {
            const Register cell = argmax(c + n, i, j).part[r];
            const Register d = dy(c + n, i, j).part[r];
            const Register lower = Register(Scalar(1)) < cell;
            const Register right = select(lower, cell == Register(Scalar(3)), cell == Register(Scalar(1)));
            Register above[columns];
            simd::unroll<rows + 1>([&](int k) __attribute__((always_inline)) {
              Register row[columns];
              simd::unroll<columns>([&](int l) __attribute__((always_inline)) {
                row[l] =
                    select(right, origin[k * X.row_stride() + l + 1].part[r], origin[k * X.row_stride() + l].part[r]);
                if (k > 0)
                  sum[n * taps + (k - 1) * columns + l] =
                      multiply_add(d, select(lower, row[l], above[l]), sum[n * taps + (k - 1) * columns + l]);
                above[l] = row[l];
              });
            });
          });
        }
    simd::add_reduced<Scalar>(sum, panel, running);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
