#pragma once

#include <algorithm>
#include <bit>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/form.hpp>
#include <eigencoder/simd/vector.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels {

/// Outputs of y(o) = f(b(o) + sum_i w(i, o) x(i)) as `Vectors` vectors of lanes. Few sums would wait for one another:
/// then several inputs are taken at once, each with sums of its own, added up at the end.
template <Index In, Index Stride, int Lanes, int Vectors, auto f, class Scalar>
[[gnu::noinline]] void dense_tile(const Scalar* x, const Scalar* weights, const Scalar* bias, Scalar* y) {
  using V = simd::Vector<Scalar, Lanes>;
  constexpr int most = Vectors >= 8 ? 1 : Vectors >= 4 ? 2 : Vectors >= 2 ? 4 : 8;
  constexpr int inputs = static_cast<int>(std::min<Index>(In, most));
  V sum[inputs * Vectors];
  simd::unroll<inputs * Vectors>([&](int k) __attribute__((always_inline)) {
    sum[k] = k < Vectors ? simd::load<Lanes>(bias + k * Lanes) : V{};
  });
  const auto add = [&](Index i, int u) __attribute__((always_inline)) {
    const V value = simd::repeat<Lanes, 1>(x + i);
    simd::unroll<Vectors>([&](int k) __attribute__((always_inline)) {
      sum[u * Vectors + k] += simd::load<Lanes>(weights + i * Stride + k * Lanes) * value;
    });
  };
  constexpr Index whole = In / inputs * inputs;
#pragma GCC unroll 1
  for (Index i = 0; i < whole; i += inputs)
    simd::unroll<inputs>([&](int u) __attribute__((always_inline)) { add(i + u, u); });
  simd::unroll<static_cast<int>(In - whole)>([&](int u) __attribute__((always_inline)) { add(whole + u, u); });
  simd::unroll<std::bit_width(static_cast<unsigned>(inputs - 1))>([&](int level) __attribute__((always_inline)) {
    const int step = static_cast<int>(std::bit_ceil(static_cast<unsigned>(inputs))) >> (level + 1);
    simd::unroll<inputs>([&](int u) __attribute__((always_inline)) {
      if (u < step && u + step < inputs)
        simd::unroll<Vectors>([&](int k) __attribute__((always_inline)) {
          sum[u * Vectors + k] += sum[(u + step) * Vectors + k];
        });
    });
  });
  simd::unroll<Vectors>([&](int k) __attribute__((always_inline)) {
    simd::store<Lanes>(y + k * Lanes, activate<Scalar, Lanes, f>(sum[k]));
  });
}

/// `Out` outputs, from rows of `Stride` weights: whole registers, then vectors of half as many lanes and so on.
template <Index In, Index Stride, Index Out, auto f, int Lanes, class Scalar>
[[gnu::always_inline]] inline void dense_outputs(const Scalar* x, const Scalar* weights, const Scalar* bias,
                                                 Scalar* y) {
  if constexpr (Out > 0) {
    constexpr Index vectors = Out / Lanes;
    if constexpr (vectors > 0) {
      constexpr Index most = simd::register_count == 32 ? 14 : 8;
      constexpr Index tiles = (vectors + most - 1) / most;
      constexpr Index in_tile = (vectors + tiles - 1) / tiles;
      constexpr Index rest = vectors % in_tile;
      for (Index o = 0; o < (vectors - rest) * Lanes; o += in_tile * Lanes)
        dense_tile<In, Stride, Lanes, static_cast<int>(in_tile), f>(x, weights + o, bias + o, y + o);
      if constexpr (constexpr Index o = (vectors - rest) * Lanes; rest > 0)
        dense_tile<In, Stride, Lanes, static_cast<int>(rest), f>(x, weights + o, bias + o, y + o);
    }
    constexpr Index done = vectors * Lanes;
    dense_outputs<In, Stride, Out - done, f, Lanes / 2>(x, weights + done, bias + done, y + done);
  }
}

/// y(o) = f(b(o) + sum_i w(i, o) x(i)): Keras's kernel (in, out) has the outputs, which are lanes, side by side.
///
///     for (Index o = 0; o < Out; ++o) {
///       Scalar sum = bias[o];
///       for (Index i = 0; i < In; ++i) sum += kernel[i * Out + o] * x[i];
///       y[o] = f(sum);
///     }
template <class Scalar, Index In, Index Out, bool HasBias>
struct Dense : StatelessForm {
  static constexpr Index bias_at = whole_lines<Scalar>(In * Out);
  static constexpr Index panel_size = bias_at + Out;

  static void pack(const Scalar* parameters, Scalar* panel) {
    std::copy_n(parameters, In * Out, panel);
    if constexpr (HasBias) std::copy_n(parameters + In * Out, Out, panel + bias_at);
  }

  template <ChannelLayout X, ChannelLayout Y, auto f>
  static void run(const Scalar* x, const Call<Scalar>& call, Scalar* y) {
    dense_outputs<In, Out, Out, f, simd::lanes<Scalar>>(x + X.at(0, 0), call.panel, call.panel + bias_at,
                                                        y + Y.at(0, 0));
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels
