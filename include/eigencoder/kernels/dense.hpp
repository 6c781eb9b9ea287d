#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/sink.hpp>
#include <eigencoder/simd/running_sum.hpp>

/// The matrix products of a Dense layer on packs. The weights W (in x out) stay scalars in Keras's order.
///
/// All three hold a tile of the result in registers and stream the operands past it; a tile is `outputs` rows of `R`
/// registers, where R registers make a pack. With R = 2 each broadcast weight serves two multiply-adds, which is what
/// lifts the loop from the load ports to the multiply-add ports (98 % of peak with 8 x 2; 1 pack: 60 %).
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// Rows in a tile: as many accumulators as fit the registers beside R operands and a broadcast.
template <int R>
inline constexpr int dense_tile = simd::register_count == 32 ? (R == 1   ? 16
                                                                : R == 2 ? 8
                                                                         : 6)
                                                             : (R == 1   ? 8
                                                                : R == 2 ? 6
                                                                         : 3);

/// Copies W (in x out) to panels [out / tile][in][tile], so that a tile of `dense_forward` reads its weights in order.
template <int R, Index In, Index Out, class Scalar>
void dense_pack(const Scalar* weights, Scalar* panels) {
  constexpr Index tile = dense_tile<R>;
  // The width of a panel is known to the compiler, so that a row of it is a few registers.
  const auto copy = [&]<Index Count>(std::integral_constant<Index, Count>, Index first) {
    for (Index i = 0; i < In; ++i, panels += Count) std::copy_n(weights + i * Out + first, Count, panels);
  };
  Index first = 0;
  for (; first + tile <= Out; first += tile) copy(std::integral_constant<Index, tile>{}, first);
  if constexpr (constexpr Index rest = Out % tile; rest > 0) copy(std::integral_constant<Index, rest>{}, first);
}

/// Outputs [first, first + Tile) of y(o) = b(o) + sum_i w(i, o) x(i).
template <int Tile, Index In, class Pack, class Y>
[[gnu::always_inline]] inline void dense_forward_tile(const Pack* x, const typename Pack::Scalar* panel,
                                                      const typename Pack::Scalar* bias, Index first, const Y& y) {
  using Register = typename Pack::Register;
  constexpr int R = Pack::registers;
  Register sum[Tile * R];
  simd::unroll<Tile>([&](int o) __attribute__((always_inline)) {
    const Register start = bias == nullptr ? Register(0) : Register::broadcast(bias + first + o);
    simd::unroll<R>([&](int r) __attribute__((always_inline)) { sum[o * R + r] = start; });
  });
  for (Index i = 0; i < In; ++i, panel += Tile) {
    const Pack value = x[i];
    simd::unroll<Tile>([&](int o) __attribute__((always_inline)) {
      const Register weight = Register::broadcast(panel + o);
      simd::unroll<R>([&](int r) __attribute__((always_inline)) {
        sum[o * R + r] = multiply_add(weight, value.part[r], sum[o * R + r]);
      });
    });
  }
  simd::unroll<Tile>([&](int o) __attribute__((always_inline)) {
    simd::unroll<R>([&](int r) __attribute__((always_inline)) { y.store(first + o, 0, 0, r, sum[o * R + r]); });
  });
}

/// y(o) = b(o) + sum_i w(i, o) x(i), from the panels of `dense_pack`; no bias where `bias` is null:
///
///     for (Index o = 0; o < Out; ++o) {
///       Pack sum(bias[o]);
///       for (Index i = 0; i < In; ++i) sum += Pack(w(i, o)) * x[i];
///       y[o] = sum;
///     }
template <Index In, Index Out, class Pack, class Y>
[[gnu::noinline]] void dense_forward(const Pack* x, const typename Pack::Scalar* panels,
                                     const typename Pack::Scalar* bias, const Y y) {
  constexpr int tile = dense_tile<Pack::registers>;
  Index first = 0;
  for (; first + tile <= Out; first += tile) dense_forward_tile<tile, In>(x, panels + first * In, bias, first, y);
  if constexpr (constexpr int rest = Out % tile; rest > 0)
    dense_forward_tile<rest, In>(x, panels + first * In, bias, first, y);
}

/// Inputs [first, first + Tile) of dx(i) = sum_o w(i, o) dy(o): Tile rows of W, each read in order.
template <int Tile, Index Out, class Pack, class DX>
[[gnu::always_inline]] inline void dense_input_gradient_tile(const Pack* dy, const typename Pack::Scalar* weights,
                                                             Index first, const DX& dx) {
  using Register = typename Pack::Register;
  constexpr int R = Pack::registers;
  Register sum[Tile * R];
  simd::unroll<Tile * R>([&](int k) __attribute__((always_inline)) { sum[k] = Register(0); });
  const typename Pack::Scalar* rows = weights + first * Out;
  for (Index o = 0; o < Out; ++o) {
    const Pack value = dy[o];
    simd::unroll<Tile>([&](int i) __attribute__((always_inline)) {
      const Register weight = Register::broadcast(rows + i * Out + o);
      simd::unroll<R>([&](int r) __attribute__((always_inline)) {
        sum[i * R + r] = multiply_add(weight, value.part[r], sum[i * R + r]);
      });
    });
  }
  simd::unroll<Tile>([&](int i) __attribute__((always_inline)) {
    simd::unroll<R>([&](int r) __attribute__((always_inline)) { dx.store(first + i, 0, 0, r, sum[i * R + r]); });
  });
}

/// dx(i) = sum_o w(i, o) dy(o):
///
///     for (Index i = 0; i < In; ++i) {
///       Pack sum(0);
///       for (Index o = 0; o < Out; ++o) sum += Pack(w(i, o)) * dy[o];
///       dx[i] = sum;
///     }
template <Index In, Index Out, class Pack, class DX>
[[gnu::noinline]] void dense_input_gradient(const Pack* dy, const typename Pack::Scalar* weights, const DX dx) {
  constexpr int tile = dense_tile<Pack::registers>;
  Index first = 0;
  for (; first + tile <= In; first += tile) dense_input_gradient_tile<tile, Out>(dy, weights, first, dx);
  if constexpr (constexpr int rest = In % tile; rest > 0) dense_input_gradient_tile<rest, Out>(dy, weights, first, dx);
}

/// `count` rounded up to whole registers.
template <class Scalar>
constexpr Index padded(Index count) {
  constexpr Index n = Register<Scalar>::lanes;
  return (count + n - 1) / n * n;
}

/// Packs of n values to rows of samples: row l, of padded(N) scalars, gets lane l of x(0) ... x(N - 1), then zeros.
template <Index N, class Pack>
[[gnu::noinline]] void to_rows(const Pack* x, typename Pack::Scalar* rows) {
  using Register = typename Pack::Register;
  constexpr Index n = Register::lanes;
  constexpr Index stride = padded<typename Pack::Scalar>(N);
  for (Index first = 0; first < N; first += n)
    for (int r = 0; r < Pack::registers; ++r) {
      Register square[n];
      const Index live = std::min(n, N - first);
      simd::unroll<n>([&](int k) __attribute__((always_inline)) {
        square[k] = k < live ? x[first + k].part[r] : Register(0);
      });
      transpose<typename Pack::Scalar>(square);
      simd::unroll<n>([&](int k)
                          __attribute__((always_inline)) { square[k].store(rows + (r * n + k) * stride + first); });
    }
}

/// to(i, o) += from(o, i) for i < In and o < Out, squares of registers at a time; `from` has rows of padded(In)
/// scalars.
template <Index In, Index Out, class Scalar>
[[gnu::noinline]] void add_transposed(const Scalar* from, Scalar* to) {
  using Register = eigencoder::Register<Scalar>;
  constexpr Index n = Register::lanes;
  constexpr Index stride = padded<Scalar>(In);
  for (Index i = 0; i < In; i += n) {
    const Index rows = std::min(n, In - i);
    Index o = 0;
    for (; o + n <= Out; o += n) {
      Register square[n];
      simd::unroll<n>([&](int k) __attribute__((always_inline)) {
        square[k] = Register::load_unaligned(from + (o + k) * stride + i);
      });
      transpose<Scalar>(square);
      for (Index k = 0; k < rows; ++k) {
        Scalar* const row = to + (i + k) * Out + o;
        (Register::load_unaligned(row) + square[k]).store_unaligned(row);
      }
    }
    if constexpr (Out % n > 0)
      for (; o < Out; ++o)
        for (Index k = 0; k < rows; ++k) to[(i + k) * Out + o] += from[o * stride + i + k];
  }
}

/// sums[n] += sum over the lanes of x(n): a bias gradient.
template <Index N, class Pack>
[[gnu::noinline]] void add_lane_sums(const Pack* x, typename Pack::Scalar* sums) {
  using Register = typename Pack::Register;
  constexpr Index n = Register::lanes;
  const auto across = [&](Index k) __attribute__((always_inline)) {
    Register total = x[k].part[0];
    for (int r = 1; r < Pack::registers; ++r) total += x[k].part[r];
    return total;
  };
  Index first = 0;
  for (; first + n <= N; first += n) {
    Register square[n];
    simd::unroll<n>([&](int k) __attribute__((always_inline)) { square[k] = across(first + k); });
    transpose<typename Pack::Scalar>(square);
    Register total = Register::load_unaligned(sums + first);
    simd::unroll<n>([&](int k) __attribute__((always_inline)) { total += square[k]; });
    total.store_unaligned(sums + first);
  }
  if constexpr (N % n > 0)
    for (; first < N; ++first) sums[first] += sum(across(first));
}

/// Rows [0, Tile) and columns [0, Columns registers) of g(n, m) += sum_l wide(n)[l] narrow(l, m), l over the lanes.
template <int Tile, int Columns, class Pack>
[[gnu::always_inline]] inline void outer_product_tile(const Pack* wide, const typename Pack::Scalar* narrow,
                                                      Index narrow_stride, typename Pack::Scalar* g, Index g_stride,
                                                      const RunningSum& running) {
  using Scalar = typename Pack::Scalar;
  using Register = typename Pack::Register;
  const Scalar* lanes = reinterpret_cast<const Scalar*>(wide);
  const auto at = [&](int k) __attribute__((always_inline)) {
    return g + k / Columns * g_stride + k % Columns * Register::lanes;
  };
  Register sum[Tile * Columns];
  running.start(sum, at);
  for (Index l = 0; l < Pack::lanes; ++l, narrow += narrow_stride) {
    Register value[Columns];
    simd::unroll<Columns>([&](int m) __attribute__((always_inline)) {
      value[m] = Register::load(narrow + m * Register::lanes);
    });
    simd::unroll<Tile>([&](int n) __attribute__((always_inline)) {
      const Register factor = Register::broadcast(lanes + n * Pack::lanes + l);
      simd::unroll<Columns>([&](int m) __attribute__((always_inline)) {
        sum[n * Columns + m] = multiply_add(factor, value[m], sum[n * Columns + m]);
      });
    });
  }
  running.finish(sum, at);
}

/// g(n, m) += sum_l wide(n)[l] narrow(l, m), what the lanes of a micro-batch add to a weight gradient:
///
///     for (Index n = 0; n < Wide; ++n)
///       for (Index m = 0; m < Narrow; ++m)
///         for (Index l = 0; l < Pack::lanes; ++l) g(n, m) += wide[n][l] * narrow(l, m);
///
/// The narrower side comes as rows of samples (`to_rows`), because there the transposition is cheaper; g has rows of
/// padded(Narrow) scalars. `running`: how that joins what was summed before.
template <Index Wide, Index Narrow, class Pack>
[[gnu::noinline]] void outer_product(const Pack* wide, const typename Pack::Scalar* narrow, typename Pack::Scalar* g,
                                     const RunningSum running = {}) {
  using Scalar = typename Pack::Scalar;
  constexpr Index n = Register<Scalar>::lanes;
  constexpr Index stride = padded<Scalar>(Narrow);
  constexpr int columns = stride / n >= 2 ? 2 : 1;
  const auto rows = [&]<int Columns>(std::integral_constant<int, Columns>, Index m) {
    constexpr int tile = dense_tile<Columns>;
    Index first = 0;
    for (; first + tile <= Wide; first += tile)
      outer_product_tile<tile, Columns>(wide + first, narrow + m, stride, g + first * stride + m, stride, running);
    if constexpr (constexpr int rest = Wide % tile; rest > 0)
      outer_product_tile<rest, Columns>(wide + first, narrow + m, stride, g + first * stride + m, stride, running);
  };
  Index m = 0;
  for (; m + columns * n <= stride; m += columns * n) rows(std::integral_constant<int, columns>{}, m);
  if constexpr (stride / n % columns > 0) rows(std::integral_constant<int, 1>{}, m);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
