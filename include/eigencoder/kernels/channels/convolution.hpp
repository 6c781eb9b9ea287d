#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/conv_phase.hpp>
#include <eigencoder/simd/vector.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels {

/// `Channels` output channels of a phase from the channel `First` on: a number of whole registers, or fewer than one
/// has lanes. Their panel is [block of the tile's vectors][input][vector][lane], or [group of inputs][channel][input].
template <class Scalar, class Phase, Index First_, Index Channels>
struct ConvSection {
  static constexpr Index First = First_;
  static constexpr Index lanes = simd::lanes<Scalar>;
  static constexpr Index vectors = std::max<Index>(1, Channels / lanes);
  static constexpr ConvLanes layout{std::min(Channels, lanes), lanes, Phase::run};
  static constexpr int width = layout.width();
  static constexpr Index steps = Phase::runs * Phase::run / layout.group;
  static constexpr ConvTile tile = choose_conv_tile(Phase::down, Phase::across, vectors, layout.group, steps);
  static constexpr Index block = steps * tile.vectors * width;
  static constexpr Index panel_size = whole_lines<Scalar>(block * (vectors / tile.vectors));

  /// weight(run, input of the run, output channel).
  template <class Weight>
  static void pack(const Weight& weight, Scalar* panel) {
    for (Index r = 0; r < Phase::runs; ++r)
      for (Index k = 0; k < Phase::run; ++k)
        for (Index c = 0; c < Channels; ++c) {
          const Index vector = c / lanes, lane = c % lanes, step = (r * Phase::run + k) / layout.group;
          panel[vector / tile.vectors * block + (step * tile.vectors + vector % tile.vectors) * width +
                lane * layout.group + k % layout.group] = weight(r, k, First + c);
        }
  }
};

/// R x C positions of `Section::tile.vectors` vectors of output channels: the sums stay in registers, the weights
/// stream past, each serving all positions.
template <class Scalar, class Phase, class Section, Reach Rows, Reach Columns, int R, int C, ChannelLayout X,
          ChannelLayout Y, auto f>
struct ConvTileKernel {
  static constexpr int W = Section::width, group = static_cast<int>(Section::layout.group);
  static constexpr int vectors = static_cast<int>(Section::tile.vectors);
  static constexpr int channels = static_cast<int>(Section::layout.channels);
  static constexpr int padded = static_cast<int>(Section::layout.padded);
  using V = simd::Vector<Scalar, W>;

  /// From one position to the next, in the input and in the output.
  static constexpr Index x_down = Rows.advance(Rows.period()) * X.row_stride();
  static constexpr Index x_across = Columns.advance(Columns.period()) * X.shape.channels;
  static constexpr Index y_down = Rows.period() * Y.row_stride();
  static constexpr Index y_across = Columns.period() * Y.shape.channels;

  [[gnu::noinline]] static void run(const Scalar* x, const Scalar* panel, const Scalar* bias, Scalar* y) {
    V sum[R * C * vectors];
    simd::unroll<R * C * vectors>([&](int k) __attribute__((always_inline)) {
      sum[k] = group == 1 ? simd::load<W>(bias + k % vectors * W) : V{};
    });
    constexpr const auto& offsets = Phase::template offsets<X>;
    if constexpr (Section::steps <= 18) {
      simd::unroll<static_cast<int>(Phase::runs)>([&](int r) __attribute__((always_inline)) {
        simd::unroll<static_cast<int>(Phase::run) / group>([&](int k) __attribute__((always_inline)) {
          step(sum, x + offsets[static_cast<std::size_t>(r)] + k * group,
               panel + (r * (static_cast<int>(Phase::run) / group) + k) * vectors * W);
        });
      });
    } else {
      for (Index r = 0; r < Phase::runs; ++r) {
        const Scalar* from = x + offsets[static_cast<std::size_t>(r)];
#pragma GCC unroll 1
        for (Index k = 0; k < Phase::run; k += group, panel += vectors * W) step(sum, from + k, panel);
      }
    }
    finish(sum, bias, y);
  }

 private:
  [[gnu::always_inline]] static void step(V (&sum)[R * C * vectors], const Scalar* x, const Scalar* weights) {
    asm("" ::: "memory");  // g++ 12 would keep the inputs of several steps in registers that the sums need
    V w[vectors];
    simd::unroll<vectors>([&](int v) __attribute__((always_inline)) { w[v] = simd::load<W>(weights + v * W); });
    simd::unroll<R * C>([&](int p) __attribute__((always_inline)) {
      const V value = simd::repeat<W, group>(x + p / C * x_down + p % C * x_across);
      simd::unroll<vectors>([&](int v) __attribute__((always_inline)) { sum[p * vectors + v] += w[v] * value; });
    });
  }

  [[gnu::always_inline]] static void finish(V (&sum)[R * C * vectors], const Scalar* bias, Scalar* y) {
    if constexpr (group == 1) {
      simd::unroll<R * C * vectors>([&](int k) __attribute__((always_inline)) {
        const int p = k / vectors;
        simd::store<channels>(y + p / C * y_down + p % C * y_across + k % vectors * W, activate<Scalar, W, f>(sum[k]));
      });
    } else {
      const V b = simd::repeat<W, padded>(bias);
      simd::unroll<R>([&](int r) __attribute__((always_inline)) {
        simd::unroll<(C + group - 1) / group>([&](int g) __attribute__((always_inline)) {
          V some[group];
          simd::unroll<group>([&](int k) __attribute__((always_inline)) {
            some[k] = g * group + k < C ? sum[r * C + g * group + k] : V{};
          });
          const V merged = activate<Scalar, W, f>(simd::sum_groups<group, W>(some) + b);
          Scalar* const to = y + r * y_down + g * group * y_across;
          if constexpr (C % group == 0 && channels == padded && y_across == channels) {
            simd::store<W>(to, merged);
          } else {
            alignas(simd::alignment) Scalar values[W];
            simd::store<W>(values, merged);
            simd::unroll<group>([&](int k) __attribute__((always_inline)) {
              if (g * group + k < C) std::memcpy(to + k * y_across, values + k * padded, sizeof(Scalar) * channels);
            });
          }
        });
      });
    }
  }
};

/// Conv2D, Conv2DTranspose and what is folded into them, with a border around the input that is zero:
///
///     for (each output row q, column r, channel o) {
///       Scalar sum = bias[o];
///       for (each row tap u that q uses, each column tap v that r uses, each input channel c)
///         sum += weight(u, v, c, o) * x(Rows.input(q, u), Columns.input(r, v), c);
///       y(q, r, o) = f(sum);
///     }
///
/// `Weights` has `weight(parameters, u, v, c, o)`, `bias_at`, the place of the bias among the parameters, and
/// `has_bias`.
template <class Scalar, Geometry G, Shape In, Shape Out, bool Transposed, class Weights>
struct Convolution : StatelessForm {
  static constexpr Reach rows{G.rows, Transposed}, columns{G.columns, Transposed};
  static constexpr Border border = border_of(rows, columns, In, Out);
  static constexpr Index phases = rows.period() * columns.period();

  template <Index P>
  using Phase = ConvPhase<rows, columns, P / columns.period(), P % columns.period(), In, Out>;

  static constexpr Index in_registers = Out.channels / simd::lanes<Scalar> * simd::lanes<Scalar>;
  static constexpr Index rest = Out.channels - in_registers;
  template <Index P>
  using Whole = ConvSection<Scalar, Phase<P>, 0, in_registers>;
  template <Index P>
  using Rest = ConvSection<Scalar, Phase<P>, in_registers, rest>;

  template <Index P>
  static constexpr Index whole_size = [] {
    if constexpr (in_registers == 0) {
      return Index{0};
    } else {
      return Whole<P>::panel_size;
    }
  }();
  template <Index P>
  static constexpr Index phase_size = [] {
    if constexpr (rest == 0) {
      return whole_size<P>;
    } else {
      return whole_size<P> + Rest<P>::panel_size;
    }
  }();
  static constexpr auto starts = []<std::size_t... P>(std::index_sequence<P...>) {
    std::array<Index, sizeof...(P) + 1> at{};
    ((at[P + 1] = at[P] + phase_size<static_cast<Index>(P)>), ...);
    return at;
  }(std::make_index_sequence<static_cast<std::size_t>(phases)>{});
  static constexpr Index bias_at = starts[static_cast<std::size_t>(phases)];
  /// A vector of bias is read even where there are fewer channels.
  static constexpr Index panel_size = bias_at + in_registers + simd::lanes<Scalar>;

  static void pack(const Scalar* parameters, Scalar* panel) {
    for_each_phase([&]<Index P>(std::integral_constant<Index, P>) {
      using Phase = Phase<P>;
      const auto weight = [&](Index run, Index k, Index out) {
        const Index column = Phase::joined ? k / In.channels : Phase::column_of(run);
        return Weights::weight(parameters, Phase::rows.tap + Phase::row_of(run) * Phase::rows.tap_step,
                               Phase::columns.tap + column * Phase::columns.tap_step, k % In.channels, out);
      };
      Scalar* const to = panel + starts[P];
      if constexpr (in_registers > 0) Whole<P>::pack(weight, to);
      if constexpr (rest > 0) Rest<P>::pack(weight, to + whole_size<P>);
    });
    if constexpr (Weights::has_bias) std::copy_n(parameters + Weights::bias_at, Out.channels, panel + bias_at);
  }

  template <ChannelLayout X, ChannelLayout Y, auto f>
  static void run(const Scalar* x, const Call<Scalar>& call, Scalar* y) {
    for_each_phase([&]<Index P>(std::integral_constant<Index, P>) {
      Scalar* const to = y + Y.at(P / columns.period(), P % columns.period());
      const Scalar* const panel = call.panel + starts[P];
      if constexpr (in_registers > 0) section<Phase<P>, Whole<P>, X, Y, f>(x, panel, call.panel + bias_at, to);
      if constexpr (rest > 0)
        section<Phase<P>, Rest<P>, X, Y, f>(x, panel + whole_size<P>, call.panel + bias_at + in_registers,
                                            to + in_registers);
    });
  }

 private:
  template <class Function>
  [[gnu::always_inline]] static void for_each_phase(const Function& f) {
    [&]<Index... P>(std::integer_sequence<Index, P...>) {
      (f(std::integral_constant<Index, P>{}), ...);
    }(std::make_integer_sequence<Index, phases>{});
  }

  /// Blocks of vectors outermost, so that their weights stay in cache, then tiles.
  template <class Phase, class Section, ChannelLayout X, ChannelLayout Y, auto f>
  static void section(const Scalar* x, const Scalar* panel, const Scalar* bias, Scalar* y) {
    if constexpr (Phase::down > 0 && Phase::across > 0) {
      constexpr int R = static_cast<int>(Section::tile.rows), C = static_cast<int>(Section::tile.columns);
      constexpr int rows_left = static_cast<int>(Phase::down % R), columns_left = static_cast<int>(Phase::across % C);
      const auto tile = [&]<int Height, int Width>(Index i, Index j, Index v) __attribute__((always_inline)) {
        using Kernel = ConvTileKernel<Scalar, Phase, Section, rows, columns, Height, Width, X, Y, f>;
        Kernel::run(x + i * Kernel::x_down + j * Kernel::x_across, panel + v * Section::block,
                    bias + v * Section::tile.vectors * Section::width,
                    y + i * Kernel::y_down + j * Kernel::y_across + v * Section::tile.vectors * Section::width);
      };
      const auto line = [&]<int Height>(Index i, Index v) __attribute__((always_inline)) {
        for (Index j = 0; j + C <= Phase::across; j += C) tile.template operator()<Height, C>(i, j, v);
        if constexpr (columns_left > 0)
          tile.template operator()<Height, columns_left>(i, Phase::across - columns_left, v);
      };
      for (Index v = 0; v < Section::vectors / Section::tile.vectors; ++v) {
        for (Index i = 0; i + R <= Phase::down; i += R) line.template operator()<R>(i, v);
        if constexpr (rows_left > 0) line.template operator()<rows_left>(Phase::down - rows_left, v);
      }
    }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels
