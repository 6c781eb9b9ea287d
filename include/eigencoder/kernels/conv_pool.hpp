#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/conv.hpp>
#include <limits>

/// Convolution and maximum pooling in one: the sums of a window never leave the registers, only their maximum does.
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// A tile sums `channels` output channels of `windows` neighbouring windows.
struct PoolTile {
  Index channels = 1;
  Index windows = 1;
};

/// The fastest tile by `tile_time`; windows of height x width cells, maps of `out` cells after the pooling.
constexpr PoolTile choose_pool_tile(Index height, Index width, Shape out) {
  PoolTile best;
  double best_time = -1;
  for (Index c = 1; c <= std::min(out.channels, accumulators); ++c)
    for (Index w = 1; w <= out.width; ++w) {
      const Index pixels = height * width * w;
      if (c * pixels > accumulators ||
          c * pixels + std::min(c, pixels) + 1 + (pixels > c ? 1 : 0) > simd::register_count)
        continue;
      double time = over_blocks(out.channels, c, [&](Index channels) {
        return over_blocks(out.width, w, [&](Index windows) {
          const auto sums = static_cast<double>(channels * height * width * windows);
          return tile_time(sums, static_cast<double>(channels + height * width * windows),
                           static_cast<double>(height * width * windows), sums);
        });
      });
      time = with_rests(time, out.channels, c, out.width, w);
      if (best_time >= 0 && time >= best_time) continue;
      best_time = time;
      best = {c, w};
    }
  return best;
}

/// y(o, i, j) = max over the cells k of window (i, j) of z(o, cell), NaN if x or the weights are there, z = `convolve`
/// of x with outputs of shape `Convolved`; argmax(o, i, j) = the first k, in row-major order, with that maximum.
/// Windows of Height x Width tile z.
///
///     for_each_cell(out, [&](Index o, Index i, Index j) {
///       y(o, i, j) = z(o, Height * i, Width * j), argmax(o, i, j) = 0;
///       for (Index k = 1; k < Height * Width; ++k)
///         if (const auto value = z(o, Height * i + k / Width, Width * j + k % Width); value > y(o, i, j))
///           y(o, i, j) = value, argmax(o, i, j) = k;
///     });
template <Geometry G, Shape Convolved, Index Height, Index Width, PoolTile T, class Pack, Layout X, class Y, Layout N>
[[gnu::noinline]] void convolve_and_pool(FeatureMap<const Pack, X> x, const typename Pack::Scalar* panels,
                                         const typename Pack::Scalar* bias, const Y y, FeatureMap<Pack, N> argmax) {
  using Register = typename Pack::Register;
  constexpr Shape out = Y::shape;
  const Register nan(std::numeric_limits<typename Pack::Scalar>::quiet_NaN());
  constexpr Reach rows{G.rows, false};
  constexpr Reach columns{G.columns, false};
  constexpr Index panel = X.shape.channels * G.taps();  // scalars per output channel
  // Cells beyond the last whole window count only where that window is pooled too.
  constexpr Index pooled_height = std::min(Convolved.height, out.height * Height);
  constexpr Index pooled_width = std::min(Convolved.width, out.width * Width);
  for (int r = 0; r < Pack::registers; ++r)
    for_blocks<pooled_height, Height>([&](auto height, Index row) __attribute__((always_inline)) {
      for_blocks<pooled_width, Width * T.windows>([&](auto width, Index column) __attribute__((always_inline)) {
        const Pack* origin = x.data() + X.at(0, rows.advance(row), columns.advance(column));
        for_blocks<out.channels, T.channels>([&](auto channels, Index o) __attribute__((always_inline)) {
          Sums<Register, height, 1, channels, width> sums;
          sums.start(bias == nullptr ? nullptr : bias + o);
          sum_by_tap<rows, columns, 0, 0, 1, X>(sums, origin, r, panels + o * panel);

          constexpr int windows = (width + static_cast<int>(Width) - 1) / static_cast<int>(Width);
          // f(k, value) for the k-th cell of a window and its sum.
          const auto for_each_cell = [&](int c, int window, auto&& f) __attribute__((always_inline)) {
            simd::unroll<static_cast<int>(Height * Width)>([&](int k) __attribute__((always_inline)) {
              const int u = k / static_cast<int>(Width);
              const int step = window * static_cast<int>(Width) + k % static_cast<int>(Width);
              if (u < height && step < width) f(k, sums(u, 0, c, step));
            });
          };
          // No NaN may be hidden by a maximum, but looking for one in every cell took 2 % of a step. One among the
          // inputs makes its cell NaN in all channels, so the tile's first channel tells; one among the weights makes
          // all cells of its channel NaN, and max keeps that of the first. (In the tile's first channel, it marks the
          // others too.)
          Register has_nan[windows];
          simd::unroll<windows>([&](int window) __attribute__((always_inline)) {
            for_each_cell(
                0, window, [&](int k, Register value) __attribute__((always_inline)) {
                  has_nan[window] = k == 0 ? is_nan(value) : either(has_nan[window], is_nan(value));
                });
          });
          simd::unroll<channels * windows>([&](int n) __attribute__((always_inline)) {
            const int c = n / windows;
            const int window = n % windows;
            Register best;
            Register first(typename Pack::Scalar(0));
            for_each_cell(
                c, window, [&](int k, Register value) __attribute__((always_inline)) {
                  if (k > 0) first = select(best < value, Register(static_cast<typename Pack::Scalar>(k)), first);
                  best = k == 0 ? value : max(best, value);
                });
            best = select(has_nan[window], nan, best);
            const Index i = row / Height;
            const Index j = column / Width + window;
            y.store(o + c, i, j, r, best);
            argmax(o + c, i, j).part[r] = first;
          });
        });
      });
    });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
