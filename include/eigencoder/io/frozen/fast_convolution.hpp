#pragma once

#include <eigencoder/core/target.hpp>
#include <string_view>

/// The convolutions of a frozen header for processors with vectors, as kernels/channels/convolution.hpp computes them,
/// planned while the header is compiled: a few phases, each a grid of positions that sum the same runs of neighbouring
/// inputs, in tiles whose sums stay in registers. `S` is what the header says of a convolution: maps `in` and `out`,
/// axes `rows` and `columns`, whether it is `transposed`, how often each cell of `in` is repeated before, and its
/// constants.
namespace eigencoder::inline EIGENCODER_TARGET::frozen {

inline constexpr std::string_view fast_convolution = R"cpp(
  template <int... I>
  struct Indices {};
  template <int N, int... I>
  struct IndicesBelow : IndicesBelow<N - 1, N - 1, I...> {};
  template <int... I>
  struct IndicesBelow<0, I...> {
    typedef Indices<I...> type;
  };
  template <class Function, int... I>
  inline __attribute__((always_inline)) void unroll(const Function& f, Indices<I...>) {
    (f(Number<I>{}), ...);
  }
  /// f(Number<0>), ..., f(Number<N - 1>).
  template <int N, class Function>
  inline __attribute__((always_inline)) void unroll(const Function& f) {
    unroll(f, typename IndicesBelow<N>::type{});
  }

  constexpr int nowhere = -(1 << 30);
  /// The cell of the input that output v sees through a tap.
  constexpr int seen(const Axis& axis, bool transposed, int repeats, int v, int tap) {
    const int place =
        transposed ? v + axis.padding - axis.dilation * tap : axis.stride * v + axis.dilation * tap - axis.padding;
    const int divisor = transposed ? axis.stride : repeats;
    const int rest = (place % divisor + divisor) % divisor;
    return transposed && rest != 0 ? nowhere : (place - rest) / divisor;
  }
  /// The cells that an output sees: first, first + step, ...
  struct Taps {
    int first, step, count;
  };
  constexpr Taps taps(const Axis& axis, bool transposed, int repeats, int v) {
    Taps t = {0, 1, 0};
    int last = 0, before = nowhere;
    for (int k = 0; k < axis.kernel; ++k) {
      const int i = seen(axis, transposed, repeats, v, k);
      if (i == nowhere) continue;
      if (before == nowhere)
        t.first = last = i;
      else if (i != before)
        t.step = i < before ? before - i : i - before;
      if (i < t.first) t.first = i;
      if (i > last) last = i;
      before = i;
    }
    if (before != nowhere) t.count = (last - t.first) / t.step + 1;
    return t;
  }
  /// Rows or columns that windows reach before and behind the input.
  struct Beyond {
    int before, behind;
  };
  constexpr Beyond beyond(const Axis& axis, bool transposed, int repeats, int in, int out) {
    Beyond b = {0, 0};
    for (int v = 0; v < out; ++v)
      for (int k = 0; k < axis.kernel; ++k) {
        const int i = seen(axis, transposed, repeats, v, k);
        if (i == nowhere) continue;
        if (-i > b.before) b.before = -i;
        if (i - (in - 1) > b.behind) b.behind = i - (in - 1);
      }
    return b;
  }

  /// The input with the border that windows reach; behind a row is the border before the next, behind the last, too.
  template <class S>
  struct Bordered {
    static constexpr Beyond high = beyond(S::rows, S::transposed, S::row_repeats, S::in.height, S::out.height);
    static constexpr Beyond wide = beyond(S::columns, S::transposed, S::column_repeats, S::in.width, S::out.width);
    static constexpr int row = (wide.before + S::in.width + wide.behind) * S::in.channels;
    static constexpr int rows = high.before + S::in.height + high.behind;
    static constexpr int size = rows * row + wide.before * S::in.channels + in_lane - 1;
    static constexpr int at(int i, int j) { return (high.before + i) * row + (wide.before + j) * S::in.channels; }
  };
  template <class S, class T, class Get>
  void add_border(const T* x, const Get& get, Input* y) {
    using B = Bordered<S>;
    constexpr int used = S::in.width * S::in.channels, rest = B::row - used;
    for (int k = 0; k < B::at(0, 0); ++k) y[k] = 0;
    y += B::at(0, 0);
    for (int i = 0; i < S::in.height; ++i, x += used, y += B::row) {
      for (int k = 0; k < used; ++k) y[k] = get(x[k]);
      for (int k = 0; k < rest; ++k) y[used + k] = 0;
    }
    for (int k = 0; k < B::size - B::at(S::in.height, 0); ++k) y[k] = 0;
  }

  /// The outputs (A + i row_period, B + j column_period), rows x columns of them: sums of `runs` x `length` inputs.
  template <class S, int A, int B>
  struct Phase {
    static constexpr int row_period = S::transposed ? S::rows.stride : S::row_repeats;
    static constexpr int column_period = S::transposed ? S::columns.stride : S::column_repeats;
    static constexpr int rows = (S::out.height - A + row_period - 1) / row_period;
    static constexpr int columns = (S::out.width - B + column_period - 1) / column_period;
    static constexpr Taps high = taps(S::rows, S::transposed, S::row_repeats, A);
    static constexpr Taps wide = taps(S::columns, S::transposed, S::column_repeats, B);
    /// Inputs that lie side by side are one run.
    static constexpr bool joined = wide.step == 1 && wide.count > 0;
    static constexpr int length = (joined ? wide.count : 1) * S::in.channels;
    static constexpr int across = joined ? 1 : wide.count, runs = high.count * across;
  };

  /// A tile sums `vectors` registers of outputs at rows x columns positions; the time of one step of it.
  struct Tile {
    int rows, columns, vectors;
  };
  constexpr int step_time(int positions, int vectors) {
    const int multiplications = positions * vectors, loads = positions + vectors + 1;
    const int time = multiplications > loads ? multiplications : loads;
    return (time > 8 ? time : 8) + 1;
  }
  constexpr Tile fastest_tile(int rows, int columns, int vectors, int group, int steps) {
    Tile best = {1, 1, 1};
    double least = 1e30;
    for (int v = 1; v <= 2 && v <= vectors; ++v)
      for (int r = 1; r <= rows && r * v <= most_sums; ++r)
        for (int c = 1; c <= columns && r * c * v <= most_sums && vectors % v == 0; ++c) {
          const int heights[] = {r, rows % r}, widths[] = {c, columns % c};
          double time = 0;
          int tiles = 0;
          for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 2; ++j) {
              const int number = (i == 0 ? rows / r : 1) * (j == 0 ? columns / c : 1);
              if (heights[i] * widths[j] == 0) continue;
              const int merges = heights[i] * ((widths[j] + group - 1) / group) * (group - 1) * 6;
              time += number * (static_cast<double>(steps) * step_time(heights[i] * widths[j], v) + merges + 10);
              ++tiles;
            }
          time *= vectors / v * (1 + 0.02 * (tiles - 1));
          if (time >= least) continue;
          least = time;
          best = {r, c, v};
        }
    return best;
  }

  /// `Channels` output channels of a phase: whole registers of them, or fewer than one has lanes. Those have a lane
  /// each, or, where lanes are left, `group` lanes for as many inputs at once.
  template <class P, int Channels>
  struct Section {
    static constexpr bool is_dot = Channels == 1 && P::length % (lanes * in_lane) == 0;
    static constexpr int channels = Channels < lanes ? Channels : lanes;
    static constexpr int padded = is_dot ? 1 : channels > 8 ? 16 : channels > 4 ? 8 : 4;
    static constexpr int group = is_dot ? lanes : 2 * padded <= lanes && P::length % (2 * in_lane) == 0 ? 2 : 1;
    static constexpr int width = padded * group, inputs = group * in_lane;
    static constexpr int steps = (P::length + inputs - 1) / inputs;
    static constexpr Tile tile =
        fastest_tile(P::rows, P::columns, Channels < lanes ? 1 : Channels / lanes, group, P::runs* steps);
    static constexpr int block = padded * tile.vectors;  // channels
    static constexpr int weights = P::runs * steps * block * inputs;
  };

  /// What a tile reads of a block of channels: weights (run, step, channel, input), those of taps that see the same
  /// cell summed.
  template <class Part>
  struct Panel {
    alignas(alignment) Sum bias[Part::block];
    alignas(alignment) Input weights[Part::weights + 1];
  };
  template <class S, int A, int B, class Part, int First, class W>
  constexpr Panel<Part> pack(const W* kernel) {
    using P = Phase<S, A, B>;
    constexpr int channels = S::out.channels, n = Part::inputs, taken = Part::channels * Part::tile.vectors;
    constexpr int some = S::in.channels % n == 0 ? n : 1;  // inputs at a time
    Panel<Part> panel = {};
    for (int o = 0; o < taken; ++o) panel.bias[o] = S::bias[First + o];
    for (int u = 0; u < S::rows.kernel; ++u)
      for (int v = 0; v < S::columns.kernel; ++v) {
        int i = seen(S::rows, S::transposed, S::row_repeats, A, u);
        int j = seen(S::columns, S::transposed, S::column_repeats, B, v);
        if (i == nowhere || j == nowhere) continue;
        i = (i - P::high.first) / P::high.step;
        j = (j - P::wide.first) / P::wide.step;
        const int run = P::joined ? i : i * P::across + j, first = P::joined ? j * S::in.channels : 0;
        for (int c = 0; c < S::in.channels; c += some) {
          const int from = ((u * S::columns.kernel + v) * S::in.channels + c) * channels + First;
          const int at = (run * Part::steps + (first + c) / n) * Part::block * n + (first + c) % n;
          for (int o = 0; o < taken; ++o)
            for (int k = 0; k < some; ++k) {
              Input& weight = panel.weights[at + o * n + k];
              weight = static_cast<Input>(weight + factor(kernel[from + k * channels + o]));
            }
        }
      }
    return panel;
  }
  /// Made by the compiler unless there are so many weights that it would take long, or they have 16 bits.
  template <class S, int A, int B, class Part, int First>
  struct ReadyPanel {
    static constexpr Panel<Part> value = pack<S, A, B, Part, First>(S::kernel);
  };

  /// Lane l is unit l % G.
  template <int N, int G>
  inline __attribute__((always_inline)) typename Lanes<Sum, N>::type repeat(const void* from) {
    using V = typename Lanes<Sum, N>::type;
    if constexpr (G == N) {
      V v;
      __builtin_memcpy(&v, from, sizeof v);
      return v;
    } else if constexpr (G == 2) {
      long long two;
      __builtin_memcpy(&two, from, sizeof two);
      return V(two - typename Lanes<long long, N / 2>::type{});
    } else {
      Sum one;
      __builtin_memcpy(&one, from, sizeof one);
      return one - V{};
    }
  }
  template <class V, int... I>
  inline __attribute__((always_inline)) V add_neighbours(V a, V b, Indices<I...>) {
    return __builtin_shufflevector(a, b, (2 * I)...) + __builtin_shufflevector(a, b, (2 * I + 1)...);
  }
  /// The sums over groups of G neighbouring lanes of G registers, those of v[0] first.
  template <int G, int N, class V>
  inline __attribute__((always_inline)) V sum_groups(const V* v) {
    if constexpr (G == 1) {
      return v[0];
    } else {
      V half[G / 2];
      unroll<G / 2>([&](auto i) __attribute__((always_inline)) {
        half[i.value] = add_neighbours(v[2 * i.value], v[2 * i.value + 1], typename IndicesBelow<N>::type{});
      });
      return sum_groups<G / 2, N>(half);
    }
  }

  struct Window {
    int rows, columns, steps;
    int row_input, column_input;  // from run to run
    int y_down, y_across;         // from output to output
  };
  /// R x C positions, `Down` and `Across` apart, of V registers. The weights stream past, each serving all positions.
  template <int V, int N, int G, int R, int C, int Channels, int Down, int Across, bool Rectify>
  __attribute__((noinline)) void sum_tile(const Window& window, const Input* x, const Input* panel, const Sum* bias,
                                          Sum* y) {
    constexpr int padded = N / G;
    using Register = typename Lanes<Sum, N>::type;
    Register sums[R * C * V];
    unroll<R * C * V>([&](auto k) __attribute__((always_inline)) {
      sums[k.value] = G == 1 ? repeat<N, N>(bias + k.value % V * N) : Register{};
    });
    for (int i = 0; i < window.rows; ++i)
      for (int j = 0; j < window.columns; ++j) {
        const Input* from = x + i * window.row_input + j * window.column_input;
        for (int k = 0; k < window.steps; ++k, from += G * in_lane, panel += V * N * in_lane) {
          asm("" ::: "memory");  // GCC would keep the inputs of several steps in registers that the sums need
          Register weights[V];
          for (int v = 0; v < V; ++v) weights[v] = repeat<N, N>(panel + v * N * in_lane);
          unroll<R * C>([&](auto p) __attribute__((always_inline)) {
            const Register value = repeat<N, G>(from + p.value / C * Down + p.value % C * Across);
            for (int v = 0; v < V; ++v) multiply_add<N>(sums[p.value * V + v], weights[v], value);
          });
        }
      }
    const auto finish = [](Register & sum) __attribute__((always_inline)) {
      if constexpr (Rectify) sum = sum > 0 ? sum : Register{};
    };
    if constexpr (G == 1) {
      unroll<R * C * V>([&](auto k) __attribute__((always_inline)) {
        constexpr int p = k.value / V;
        finish(sums[k.value]);
        __builtin_memcpy(y + p / C * window.y_down + p % C * window.y_across + k.value % V * N, &sums[k.value],
                         sizeof(Sum) * Channels);
      });
    } else {
      unroll<R>([&](auto r) __attribute__((always_inline)) {
        unroll<(C + G - 1) / G>([&](auto g) __attribute__((always_inline)) {
          constexpr int first = g.value * G, count = C - first < G ? C - first : G;
          Register some[G];
          unroll<G>([&](auto k) __attribute__((always_inline)) {
            some[k.value] = k.value < count ? sums[r.value * C + first + (k.value < count ? k.value : 0)] : Register{};
          });
          Sum values[N];
          for (int k = 0; k < N; ++k) values[k] = bias[k % padded];
          Register sum;
          __builtin_memcpy(&sum, values, sizeof sum);
          sum += sum_groups<G, N>(some);
          finish(sum);
          __builtin_memcpy(values, &sum, sizeof sum);
          Sum* const to = y + r.value * window.y_down + first * window.y_across;
          if (count == G && Channels == padded && window.y_across == Channels)
            __builtin_memcpy(to, &sum, sizeof sum);
          else
            for (int k = 0; k < count; ++k)
              __builtin_memcpy(to + k * window.y_across, values + k * padded, sizeof(Sum) * Channels);
        });
      });
    }
  }

  /// The channels from `First` on of one phase; x is the first input.
  template <class S, int A, int B, class Part, int First, bool Rectify>
  void sum_block(const Panel<Part>& panel, const Input* x, Sum* y) {
    using P = Phase<S, A, B>;
    constexpr int down = S::transposed ? 1 : S::rows.stride, across = S::transposed ? 1 : S::columns.stride;
    constexpr int Down = down * Bordered<S>::row, Across = across * S::in.channels, channels = S::out.channels;
    const Window window = {P::high.count,
                           P::across,
                           Part::steps,
                           P::high.step * Bordered<S>::row,
                           P::wide.step * S::in.channels,
                           P::row_period * S::out.width * channels,
                           P::column_period * channels};
    x += Bordered<S>::at(P::high.first, P::wide.first);
    y += (A * S::out.width + B) * channels + First;
    constexpr int R = Part::tile.rows, C = Part::tile.columns;
    const auto line = [&](auto height, int i) {
      const auto tile = [&](auto width, int j) {
        sum_tile<Part::tile.vectors, Part::width, Part::group, height.value, width.value, Part::channels, Down, Across,
                 Rectify>(window, x + i * Down + j * Across, panel.weights, panel.bias,
                          y + i * window.y_down + j * window.y_across);
      };
      for (int j = 0; j + C <= P::columns; j += C) tile(Number<C>{}, j);
      if constexpr (P::columns % C > 0) tile(Number<P::columns % C>{}, P::columns - P::columns % C);
    };
    for (int i = 0; i + R <= P::rows; i += R) line(Number<R>{}, i);
    if constexpr (P::rows % R > 0) line(Number<P::rows % R>{}, P::rows - P::rows % R);
  }
  /// A kernel that is an argument: GCC would else look whether the panel is constant, for a minute.
  template <class S, int A, int B, class Part, int First, bool Rectify, class W>
  __attribute__((noinline)) void pack_and_sum_block(const W* kernel, const Input* x, Sum* y) {
    sum_block<S, A, B, Part, First, Rectify>(pack<S, A, B, Part, First>(kernel), x, y);
  }
  /// Sums of x, which has the border.
  template <class S, bool Rectify>
  void sum_windows(const Input* x, Sum* y) {
    constexpr int periods = Phase<S, 0, 0>::column_period, channels = S::out.channels;
    constexpr int whole = channels / lanes * lanes;
    unroll<Phase<S, 0, 0>::row_period * periods>([&](auto p) {
      constexpr int A = p.value / periods, B = p.value % periods;
      const auto block = [&](auto part, auto first) {
        using Part = decltype(part);
        constexpr int First = first.value;
        if constexpr (Part::weights <= 4096 && sizeof *S::kernel != 2)
          sum_block<S, A, B, Part, First, Rectify>(ReadyPanel<S, A, B, Part, First>::value, x, y);
        else
          pack_and_sum_block<S, A, B, Part, First, Rectify>(S::kernel, x, y);
      };
      if constexpr (A < S::out.height && B < S::out.width) {
        using P = Phase<S, A, B>;
        if constexpr (whole > 0) {
          using Part = Section<P, whole>;
          unroll<whole / Part::block>([&](auto n) { block(Part{}, Number<n.value * Part::block>{}); });
        }
        if constexpr (whole < channels) block(Section<P, channels - whole>{}, Number<whole>{});
      }
    });
  }

  /// Whether a stack has room for what a convolution needs of it.
  template <class S>
  constexpr bool fits() {
    constexpr int most = 1 << 17;
    constexpr int weights = S::rows.kernel * S::columns.kernel * S::in.channels * 2 * lanes;
    constexpr int sums = in_lane == 1 ? 0 : S::out.height * S::out.width * S::out.channels;
    return Bordered<S>::size * static_cast<int>(sizeof(Input)) <= most && weights * 4 <= most && sums * 4 <= most;
  }
  template <class S, class T>
  const T* repeat_unless_fast(const T* x, T* y) {
    if constexpr (fits<S>()) return x;
    return repeat_cells<S>(x, y);
  }
)cpp";

}  // namespace eigencoder::inline EIGENCODER_TARGET::frozen
