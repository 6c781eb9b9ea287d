#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/conv_tile.hpp>
#include <eigencoder/maps/sink.hpp>

/// Convolution of packs in both directions: `convolve`, from the fine map to the coarse one, and its adjoint
/// `convolve_transposed`. Every SIMD lane is a sample, so a multiply-add takes a weight, broadcast, and an input as it
/// lies.
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// Copies the weights to panels [out / tile][in][row][column][tile], the order in which the tiles read them.
/// weight(in, out, row, column) gives the weight that couples an input with an output through a tap.
template <Index In, Index Out, Geometry G, Tile T, class Scalar, class Weight>
void pack_weights(const Weight& weight, Scalar* panels) {
  for (Index first = 0; first < Out; first += T.channels)
    for (Index in = 0; in < In; ++in)
      for (Index row = 0; row < G.rows.kernel; ++row)
        for (Index column = 0; column < G.columns.kernel; ++column)
          for (Index out = first; out < std::min(first + T.channels, Out); ++out)
            *panels++ = weight(in, out, row, column);
}

/// The sums of one tile: [row][column of the group][channel][step].
template <class Register, int Rows, int Columns, int Channels, int Steps>
struct Sums {
  static constexpr int rows = Rows;
  static constexpr int columns = Columns;
  static constexpr int channels = Channels;
  static constexpr int steps = Steps;
  Register value[Rows * Columns * Channels * Steps];

  [[gnu::always_inline]] Register& operator()(int row, int column, int channel, int step) {
    return value[((row * Columns + column) * Channels + channel) * Steps + step];
  }
  /// Starts the sums at the bias of their channel, or at 0 where `bias` is null.
  template <class Scalar>
  [[gnu::always_inline]] void start(const Scalar* bias) {
    simd::unroll<Channels>([&](int c) __attribute__((always_inline)) {
      const Register b = bias == nullptr ? Register(Scalar(0)) : Register::broadcast(bias + c);
      simd::unroll<Rows * Columns>([&](int v) __attribute__((always_inline)) {
        simd::unroll<Steps>([&](int s) __attribute__((always_inline)) { (*this)(v / Columns, v % Columns, c, s) = b; });
      });
    });
  }
};

/// Adds to the sums, tap by tap: every output of the tile is in the same phase, that of output (Row, Column), so each
/// tap serves all. `x` is where inputs are counted from, `weights` the tile's panel.
template <Reach Rows, Reach Columns, Index Row, Index Column, Index GroupColumns, Layout X, class Pack, class Sums_>
[[gnu::always_inline]] inline void sum_by_tap(Sums_& sums, const Pack* x, int r, const typename Pack::Scalar* weights) {
  using Register = typename Pack::Register;
  constexpr int channels = Sums_::channels;
  constexpr int pixels = Sums_::rows * Sums_::steps;
  constexpr int row_count = static_cast<int>(Rows.tap_count(Row));
  constexpr int column_count = static_cast<int>(Columns.tap_count(Column));
  if constexpr (row_count > 0 && column_count > 0) {
    constexpr Index first_row = Rows.first_tap(Row);
    constexpr Index next_row =
        row_count > 1 ? Rows.input(Row, first_row + Rows.tap_step()) - Rows.input(Row, first_row) : 0;
    const auto input = [&](const Pack* row, int pixel, Index tap) __attribute__((always_inline)) {
      const Index v = pixel / Sums_::steps;
      const Index step = pixel % Sums_::steps;
      return row[Rows.advance(v) * X.row_stride() + Columns.input(Column, tap) + step * Columns.advance(GroupColumns)]
          .part[r];
    };

    for (Index in = 0; in < X.shape.channels; ++in) {
      const Pack* row = x + in * X.channel_stride() + Rows.input(Row, first_row) * X.row_stride();
      const typename Pack::Scalar* row_weights =
          weights + (in * Rows.axis.kernel + first_row) * Columns.axis.kernel * channels;
      for (int k = 0; k < row_count; ++k) {
        simd::unroll<column_count>([&](int n) __attribute__((always_inline)) {
          const Index tap = Columns.first_tap(Column) + n * Columns.tap_step();
          const typename Pack::Scalar* w = row_weights + tap * channels;
          // The fewer operands stay in registers while the others stream past them.
          if constexpr (channels < pixels) {
            Register weight[channels];
            simd::unroll<channels>([&](int c)
                                       __attribute__((always_inline)) { weight[c] = Register::broadcast(w + c); });
            simd::unroll<pixels>([&](int p) __attribute__((always_inline)) {
              const Register value = input(row, p, tap);
              simd::unroll<channels>([&](int c) __attribute__((always_inline)) {
                Register& sum = sums(p / Sums_::steps, 0, c, p % Sums_::steps);
                sum = multiply_add(weight[c], value, sum);
              });
            });
          } else {
            Register value[pixels];
            simd::unroll<pixels>([&](int p) __attribute__((always_inline)) { value[p] = input(row, p, tap); });
            simd::unroll<channels>([&](int c) __attribute__((always_inline)) {
              const Register weight = Register::broadcast(w + c);
              simd::unroll<pixels>([&](int p) __attribute__((always_inline)) {
                Register& sum = sums(p / Sums_::steps, 0, c, p % Sums_::steps);
                sum = multiply_add(weight, value[p], sum);
              });
            });
          }
        });
        row += next_row * X.row_stride();
        row_weights += Rows.tap_step() * Columns.axis.kernel * channels;
      }
    }
  }
}

/// Adds to the sums, input by input: an input is loaded once for all outputs of the tile that see it, through whatever
/// tap.
template <Reach Rows, Reach Columns, Index GroupColumns, Layout X, class Pack, class Sums_>
[[gnu::always_inline]] inline void sum_by_input(Sums_& sums, const Pack* x, int r,
                                                const typename Pack::Scalar* weights) {
  using Register = typename Pack::Register;
  constexpr int channels = Sums_::channels;
  constexpr int steps = Sums_::steps;
  constexpr Reach::Range row_range = Rows.inputs(Sums_::rows);
  constexpr Reach::Range column_range = Columns.inputs(Sums_::columns);
  constexpr Index taps = Rows.axis.kernel * Columns.axis.kernel;

  for (Index in = 0; in < X.shape.channels; ++in, x += X.channel_stride(), weights += taps * channels) {
    simd::unroll<static_cast<int>(column_range.size())>([&](int n) __attribute__((always_inline)) {
      const Index column = column_range.first + n;
      simd::unroll<static_cast<int>(row_range.size())>([&](int m) __attribute__((always_inline)) {
        const Index row = row_range.first + m;
        Register value[steps];
        simd::unroll<steps>([&](int s) __attribute__((always_inline)) {
          value[s] = x[row * X.row_stride() + column + s * Columns.advance(GroupColumns)].part[r];
        });
        simd::unroll<Sums_::rows>([&](int v) __attribute__((always_inline)) {
          const Index row_tap = Rows.tap(v, row);
          if (row_tap < 0) return;
          simd::unroll<Sums_::columns>([&](int u) __attribute__((always_inline)) {
            const Index column_tap = Columns.tap(u, column);
            if (column_tap < 0) return;
            simd::unroll<channels>([&](int c) __attribute__((always_inline)) {
              const Register weight =
                  Register::broadcast(weights + (row_tap * Columns.axis.kernel + column_tap) * channels + c);
              simd::unroll<steps>([&](int s) __attribute__((always_inline)) {
                sums(v, u, c, s) = multiply_add(weight, value[s], sums(v, u, c, s));
              });
            });
          });
        });
      });
    });
  }
}

/// f(std::integral_constant<int, size>, first) over `Total` cut into blocks of `Block` and a rest.
template <Index Total, Index Block, class Function>
[[gnu::always_inline]] constexpr void for_blocks(Function&& f) {
  Index first = 0;
  if constexpr (Total >= Block) {
    for (; first + Block <= Total; first += Block) f(std::integral_constant<int, static_cast<int>(Block)>{}, first);
  }
  if constexpr (constexpr int rest = static_cast<int>(Total % Block); rest > 0) {
    f(std::integral_constant<int, rest>{}, first);
  }
}

/// f(std::integral_constant<int, 0>) ... f(std::integral_constant<int, N - 1>).
template <int N, class Function>
[[gnu::always_inline]] constexpr void for_constants(Function&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

/// y(o, p) = b(o) + sum over (input channel, tap) of w x, where each axis' Reach tells which input a tap sees:
///
///     for (Index o = 0; o < out.channels; ++o)
///       for (Index i = 0; i < out.height; ++i)
///         for (Index j = 0; j < out.width; ++j) {
///           y(o, i, j) = bias[o];
///           for each input channel c, each tap u of Rows.uses(i, u) and each tap v of Columns.uses(j, v)
///             y(o, i, j) += w(c, o, u, v) * x(c, Rows.input(i, u), Columns.input(j, v));
///         }
///
/// in tiles whose sums stay in registers. Order: rows, then column tiles, then output channels, so that a tile's
/// inputs, read once from memory, stay in the first cache for all output channels.
template <Reach Rows, Reach Columns, Tile T, class Pack, Layout X, class Y>
class Correlation {
 public:
  using Scalar = typename Pack::Scalar;

  Correlation(FeatureMap<const Pack, X> x, const Scalar* panels, const Scalar* bias, Y y)
      : x_(x), panels_(panels), bias_(bias), y_(y) {}

  [[gnu::noinline]] void run() const {
    constexpr Index groups = out.width / T.columns;
    constexpr int partial = static_cast<int>(out.width % T.columns);  // columns of an unfinished last group
    for (int r = 0; r < Pack::registers; ++r)
      for_blocks<out.height, T.rows>([&](auto height, Index row) __attribute__((always_inline)) {
        for_blocks<groups, T.steps>([&](auto steps, Index group) __attribute__((always_inline)) {
          sum_channels<height, static_cast<int>(T.columns), steps>(row, group * T.columns, r);
        });
        if constexpr (partial > 0) sum_channels<height, partial, 1>(row, groups * T.columns, r);
      });
  }

 private:
  static constexpr Shape out = Y::shape;
  static constexpr Index panel = X.shape.channels * Rows.axis.kernel * Columns.axis.kernel;  // of one output channel

  /// Outputs [row, row + Height) x [column, column + Steps groups of Width) of all channels.
  template <int Height, int Width, int Steps>
  [[gnu::always_inline]] void sum_channels(Index row, Index column, int r) const {
    for_blocks<out.channels, T.channels>([&](auto channels, Index o) __attribute__((always_inline)) {
      if constexpr (T.by_input) {
        sum_inputs<channels, Height, Width, Steps>(o, row, column, r);
      } else {
        sum_phases<channels, Height, Width, Steps>(o, row, column, r);
      }
    });
  }

  /// A whole tile at once.
  template <int Channels, int Height, int Width, int Steps>
  [[gnu::always_inline]] void sum_inputs(Index o, Index row, Index column, int r) const {
    Sums<typename Pack::Register, Height, Width, Channels, Steps> sums;
    sums.start(bias(o));
    sum_by_input<Rows, Columns, T.columns, X>(sums, origin(row, column), r, panels_ + o * panel);
    store(sums, o, row, column, r);
  }

  /// A tile phase by phase: one output of each group, of which all use the same taps.
  template <int Channels, int Height, int Width, int Steps>
  [[gnu::always_inline]] void sum_phases(Index o, Index row, Index column, int r) const {
    for_constants<Height * Width>([&]<int V>(std::integral_constant<int, V>) __attribute__((always_inline)) {
      constexpr Index phase_row = V / Width, phase_column = V % Width;
      Sums<typename Pack::Register, 1, 1, Channels, Steps> sums;
      sums.start(bias(o));
      sum_by_tap<Rows, Columns, phase_row, phase_column, T.columns, X>(sums, origin(row, column), r,
                                                                       panels_ + o * panel);
      store(sums, o, row + phase_row, column + phase_column, r);
    });
  }

  /// Where the inputs of a tile are counted from.
  [[gnu::always_inline]] const Pack* origin(Index row, Index column) const {
    return x_.data() + X.at(0, Rows.advance(row), Columns.advance(column));
  }
  [[gnu::always_inline]] const Scalar* bias(Index o) const { return bias_ == nullptr ? nullptr : bias_ + o; }

  template <class Sums_>
  [[gnu::always_inline]] void store(Sums_& sums, Index o, Index row, Index column, int r) const {
    simd::unroll<Sums_::channels>([&](int c) __attribute__((always_inline)) {
      simd::unroll<Sums_::rows * Sums_::columns>([&](int v) __attribute__((always_inline)) {
        simd::unroll<Sums_::steps>([&](int s) __attribute__((always_inline)) {
          const int i = v / Sums_::columns, j = v % Sums_::columns;
          y_.store(o + c, row + i, column + j + s * T.columns, r, sums(i, j, c, s));
        });
      });
    });
  }

  FeatureMap<const Pack, X> x_;
  const Scalar* panels_;
  const Scalar* bias_;
  Y y_;
};

/// The tiles in which `convolve` and `convolve_transposed` compute an output.
template <Geometry G, Shape Coarse>
inline constexpr Tile convolve_tile = choose_tile({G.rows, false}, {G.columns, false}, Coarse);
template <Geometry G, Shape Fine>
inline constexpr Tile convolve_transposed_tile = choose_tile({G.rows, true}, {G.columns, true}, Fine);

/// Convolution: y(o, p) = b(o) + sum_{i, k} w(i, o, k) x(i, stride p + dilation k - padding), from panels of
/// `pack_weights` with `convolve_tile`; no bias where `bias` is null. Reads `fine_border` around x.
template <Geometry G, class Pack, Layout X, class Y>
void convolve(FeatureMap<const Pack, X> x, const typename Pack::Scalar* panels, const typename Pack::Scalar* bias,
              Y y) {
  Correlation<Reach{G.rows, false}, Reach{G.columns, false}, convolve_tile<G, Y::shape>, Pack, X, Y>(x, panels, bias, y)
      .run();
}

/// Its adjoint: y(o, q) = b(o) + sum of w(i, o, k) x(i, p) over the p, k with stride p + dilation k - padding = q, from
/// panels with `convolve_transposed_tile`. Reads `coarse_border` around x.
template <Geometry G, class Pack, Layout X, class Y>
void convolve_transposed(FeatureMap<const Pack, X> x, const typename Pack::Scalar* panels,
                         const typename Pack::Scalar* bias, Y y) {
  Correlation<Reach{G.rows, true}, Reach{G.columns, true}, convolve_transposed_tile<G, Y::shape>, Pack, X, Y>(x, panels,
                                                                                                              bias, y)
      .run();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
