#pragma once

#include <eigencoder/core/target.hpp>
#include <string_view>

/// The dense layers and convolutions of a frozen header for processors with vectors, in GNU's C++ (GCC, clang): output
/// channels are lanes, sums of several outputs stay in registers, borders are stored, and repeated cells are folded
/// into the weights. They need more code, and of the stack a copy of a layer's input.
namespace eigencoder::inline EIGENCODER_TARGET::frozen {

inline constexpr std::string_view fast_kernels = R"cpp(
  template <int N>
  constexpr int if_fast() {
    return N;
  }
  /// The convolution reads the input as it is.
  template <class T>
  const T* repeat_unless_fast(Map, Map, int, int, const T* x, T*) {
    return x;
  }
  template <int N>
  struct Number {
    static constexpr int value = N;
  };
  /// N numbers in a register, or one.
  template <class T, int N>
  struct Lanes {
    typedef T type __attribute__((vector_size(N * sizeof(T))));
  };
  template <class T>
  struct Lanes<T, 1> {
    typedef T type;
  };
#if defined(__AVX512F__)
  constexpr int lanes = 16;
#elif defined(__AVX__)
  constexpr int lanes = 8;
#else
  constexpr int lanes = 4;
#endif
  /// Sums that a loop has in registers: half of these or so hold them.
  constexpr int most_sums = lanes == 16 ? 14 : 6;

  template <int N, class T>
  inline __attribute__((always_inline)) void load(const T* from, typename Lanes<float, N>::type& to) {
    if constexpr (N == 1) {
      to = number(*from);
    } else if constexpr (sizeof(T) == sizeof(float)) {
      __builtin_memcpy(&to, from, sizeof to);
    } else if constexpr (sizeof(T) == 1) {
      // By steps of twice the width, which are single instructions.
      typename Lanes<signed char, N>::type integers;
      __builtin_memcpy(&integers, from, sizeof integers);
      const auto wider = __builtin_convertvector(integers, typename Lanes<short, N>::type);
      to = __builtin_convertvector(__builtin_convertvector(wider, typename Lanes<int, N>::type),
                                   typename Lanes<float, N>::type);
    } else {
      float numbers[N];
      for (int k = 0; k < N; ++k) numbers[k] = number(from[k]);
      __builtin_memcpy(&to, numbers, sizeof to);
    }
  }
  template <int N>
  inline __attribute__((always_inline)) float sum(const typename Lanes<float, N>::type& v) {
    if constexpr (N == 1) {
      return v;
    } else {
      typename Lanes<float, N / 2>::type halves[2];
      __builtin_memcpy(halves, &v, sizeof v);
      return sum<N / 2>(halves[0] + halves[1]);
    }
  }

  /// Which taps of one axis count for the outputs v = phase, phase + stride, ..., and which inputs they see.
  struct Taps {
    int first, step, count;  // taps
    int input, input_step;   // of the first tap and the first output; from tap to tap
    int outputs;             // from output to output of the phase: inputs
  };
  inline Taps taps(const Axis& axis, bool transposed, int before, int phase) {
    if (!transposed) return {0, 1, axis.kernel, before - axis.padding, axis.dilation, axis.stride};
    Taps t = {0, 1, 0, 0, 0, 1};
    for (int k = axis.kernel - 1; k >= 0; --k) {
      const int distance = phase + axis.padding - axis.dilation * k;
      if (distance % axis.stride != 0) continue;
      if (t.count > 0) t.step = t.first - k, t.input_step = t.input - before - distance / axis.stride;
      t.first = k;
      t.input = before + distance / axis.stride;
      ++t.count;
    }
    return t;
  }
  /// Rows or columns that a window reaches before and behind the input.
  struct Beyond {
    int before, behind;
  };
  inline Beyond beyond(const Axis& axis, bool transposed, int in, int out) {
    const int reaches = axis.dilation * (axis.kernel - 1);
    int before = axis.padding, behind = axis.stride * (out - 1) + reaches - axis.padding - (in - 1);
    if (transposed) {
      before = (reaches - axis.padding + axis.stride - 1) / axis.stride;
      behind = (out - 1 + axis.padding) / axis.stride - (in - 1);
    }
    return {before < 0 ? 0 : before, behind < 0 ? 0 : behind};
  }
  /// The same of repeated cells.
  inline Beyond repeated_beyond(const Axis& axis, int times, int in, int out) {
    const int before = (axis.padding + times - 1) / times;
    const int behind = (out - 1 + axis.kernel - 1 - axis.padding) / times - (in - 1);
    return {before, behind < 0 ? 0 : behind};
  }

  /// A window's taps in memory: rows x columns runs of neighbouring inputs.
  struct Window {
    int rows, columns, length;
    int row_input, column_input;    // from run to run
    int row_weight, column_weight;  // the same
  };
  /// Whether the lanes are inputs, as there is one output channel.
  inline bool is_dot(Map in, Map out) { return out.channels == 1 && in.channels % lanes == 0; }

  /// The sums of P neighbouring outputs of a row, channels V N: `values` (P, V N).
  template <int Step, int P, int V, int N, class W, class Bias>
  __attribute__((noinline)) void tile(const Window& window, int out, const W* w, const Bias* b, const float* x,
                                      float* values) {
    typename Lanes<float, N>::type sums[P][V];
    for (int v = 0; v < V; ++v) {
      float bias[N];
      for (int k = 0; k < N; ++k) bias[k] = static_cast<float>(b[v * N + k]);
      for (int p = 0; p < P; ++p) load<N>(bias, sums[p][v]);
    }
    for (int i = 0; i < window.rows; ++i)
      for (int j = 0; j < window.columns; ++j) {
        const float* from = x + i * window.row_input + j * window.column_input;
        const W* weights = w + i * window.row_weight + j * window.column_weight;
        for (int c = 0; c < window.length; ++c, ++from, weights += out) {
          typename Lanes<float, N>::type factors[V];
          for (int v = 0; v < V; ++v) load<N>(weights + v * N, factors[v]);
          for (int p = 0; p < P; ++p)
            for (int v = 0; v < V; ++v) sums[p][v] += from[p * Step] * factors[v];
        }
      }
    for (int p = 0; p < P; ++p)
      for (int v = 0; v < V; ++v) __builtin_memcpy(values + (p * V + v) * N, &sums[p][v], sizeof sums[p][v]);
  }
  /// The same of a single output channel, the lanes being inputs.
  template <int Step, int P, int N, class W, class Bias>
  __attribute__((noinline)) void dots(const Window& window, const W* w, const Bias* b, const float* x, float* values) {
    typename Lanes<float, N>::type sums[P] = {};
    for (int i = 0; i < window.rows; ++i)
      for (int j = 0; j < window.columns; ++j) {
        const float* from = x + i * window.row_input + j * window.column_input;
        const W* weights = w + i * window.row_weight + j * window.column_weight;
        for (int c = 0; c < window.length; c += N) {
          typename Lanes<float, N>::type factors, inputs;
          load<N>(weights + c, factors);
          for (int p = 0; p < P; ++p) {
            load<N>(from + c + p * Step, inputs);
            sums[p] += inputs * factors;
          }
        }
      }
    for (int p = 0; p < P; ++p) values[p] = sum<N>(sums[p]) + static_cast<float>(*b);
  }

  /// Some neighbouring output channels of a row of `count` outputs, which lie `apart`.
  template <int Step, int V, int N, bool Dots, class W, class Bias, class Put>
  inline void row(const Window& window, int out, const W* w, const Bias* b, const float* x, int count, const Put& put,
                  int channel, int y, int apart) {
    constexpr int most = most_sums / V, size = V * N;
    const auto take = [&](auto positions, int j) {
      constexpr int P = decltype(positions)::value;
      float values[P * (Dots ? 1 : size)];
      if constexpr (Dots)
        dots<Step, P, N>(window, w, b, x + j * Step, values);
      else
        tile<Step, P, V, N>(window, out, w + channel, b + channel, x + j * Step, values);
      put.template rows<P, Dots ? 1 : size, Dots>(values, channel, y + j * apart + channel, apart);
      return P;
    };
    int j = 0;
    while (count - j >= most) j += take(Number<most>{}, j);
    if constexpr (most > 8)
      if (count - j >= 8) j += take(Number<8>{}, j);
    if constexpr (most > 7)
      if (count - j >= 7) j += take(Number<7>{}, j);
    if constexpr (most > 4)
      if (count - j >= 4) j += take(Number<4>{}, j);
    if constexpr (most > 2)
      if (count - j >= 2) j += take(Number<2>{}, j);
    while (count - j >= 1) j += take(Number<1>{}, j);
  }

  /// The outputs of one phase, of which x, with its border, has the first input.
  template <int Step, class W, class Bias, class Put>
  void phase(const Window& window, Map in, Map out, int width, int row_step, int first_row, int first_column, int rows,
             int columns, const W* w, const Bias* b, const float* x, const Put& put) {
    const int count = (out.width - first_column + columns - 1) / columns, apart = columns * out.channels;
    for (int i = first_row; i < out.height; i += rows, x += row_step * width * in.channels) {
      const int y = (i * out.width + first_column) * out.channels;
      int o = 0;
      const auto channels = [&](auto vectors, auto size) {
        constexpr int V = decltype(vectors)::value, N = decltype(size)::value;
        for (; o + V * N <= out.channels; o += V * N)
          row<Step, V, N, false>(window, out.channels, w, b, x, count, put, o, y, apart);
      };
      if (is_dot(in, out)) {
        row<Step, 1, lanes, true>(window, 1, w, b, x, count, put, 0, y, apart);
        continue;
      }
      channels(Number<2>{}, Number<lanes>{});
      channels(Number<1>{}, Number<lanes>{});
      if constexpr (lanes > 8) channels(Number<1>{}, Number<8>{});
      if constexpr (lanes > 4) channels(Number<1>{}, Number<4>{});
      channels(Number<1>{}, Number<1>{});
    }
  }
  /// x has the border.
  template <int Step, class W, class Bias, class Put>
  void windows(Map in, Map out, Axis rows, Axis columns, bool transposed, const W* w, const Bias* b, Beyond high,
               Beyond wide, const float* x, const Put& put) {
    const int width = in.width + wide.before + wide.behind, weights = in.channels * out.channels;
    const int row_phases = transposed ? rows.stride : 1, column_phases = transposed ? columns.stride : 1;
    for (int a = 0; a < row_phases; ++a)
      for (int c = 0; c < column_phases; ++c) {
        const Taps t = taps(rows, transposed, high.before, a), s = taps(columns, transposed, wide.before, c);
        Window window = {t.count,
                         s.count,
                         in.channels,
                         t.input_step * width * in.channels,
                         s.input_step * in.channels,
                         t.step * columns.kernel * weights,
                         s.step * weights};
        if (s.step == 1 && s.input_step == 1) window.columns = 1, window.length *= s.count;
        phase<Step>(window, in, out, width, t.outputs, a, c, row_phases, column_phases,
                    w + (t.first * columns.kernel + s.first) * weights, b,
                    x + (t.input * width + s.input) * in.channels, put);
      }
  }
  /// Of every cell `rows` x `columns` times: taps that see the same cell are one, with their sum as weight.
  inline int cell(int position, int times) { return position < 0 ? -((times - 1 - position) / times) : position / times; }
  template <int Step, int Folded, class W, class Bias, class Put>
  void repeated_windows(Map in, Map out, Axis rows, Axis columns, int row_times, int column_times, const W* w,
                        const Bias* b, Beyond high, Beyond wide, const float* x, const Put& put) {
    const int width = in.width + wide.before + wide.behind, weights = in.channels * out.channels;
    for (int a = 0; a < row_times; ++a)
      for (int c = 0; c < column_times; ++c) {
        const int top = cell(a - rows.padding, row_times), left = cell(c - columns.padding, column_times);
        const int high_count = cell(a - rows.padding + rows.kernel - 1, row_times) - top + 1;
        const int wide_count = cell(c - columns.padding + columns.kernel - 1, column_times) - left + 1;
        float folded[Folded];
        for (int k = 0; k < high_count * wide_count * weights; ++k) folded[k] = 0;
        const W* from = w;
        for (int u = 0; u < rows.kernel; ++u)
          for (int v = 0; v < columns.kernel; ++v, from += weights) {
            const int i = cell(a - rows.padding + u, row_times) - top,
                      j = cell(c - columns.padding + v, column_times) - left;
            float* const to = folded + (i * wide_count + j) * weights;
            for (int k = 0; k < weights; ++k) to[k] += number(from[k]);
          }
        const Window window = {high_count,           1, wide_count * in.channels, width * in.channels, 0,
                               wide_count * weights, 0};
        phase<Step>(window, in, out, width, 1, a, c, row_times, column_times, static_cast<const float*>(folded), b,
                    x + ((high.before + top) * width + wide.before + left) * in.channels, put);
      }
  }
  /// (in, border, channels) from x, by get(value); zeros around.
  template <class T, class Get>
  void add_border(Map in, Beyond high, Beyond wide, const T* x, const Get& get, float* y) {
    const int width = (in.width + wide.before + wide.behind) * in.channels, used = in.width * in.channels;
    const int left = wide.before * in.channels;
    for (int i = -high.before; i < in.height + high.behind; ++i, y += width) {
      const bool inside = i >= 0 && i < in.height;
      const int end = inside ? left : width;
      for (int k = 0; k < end; ++k) y[k] = 0;
      if (!inside) continue;
      for (int k = 0; k < used; ++k) y[left + k] = get(x[i * used + k]);
      for (int k = left + used; k < width; ++k) y[k] = 0;
    }
  }

  /// A convolution, by a copy of its input with a border.
  template <int Step, int Folded, int Rows, int Columns, class W, class Bias, class T, class Get, class Put>
  void run_windows(Map in, Map out, Axis rows, Axis columns, bool transposed, const W* w, const Bias* b, const T* x,
                   const Get& get, float* padded, const Put& put) {
    if constexpr (Folded > 0) {
      in.height /= Rows, in.width /= Columns;
      const Beyond high = repeated_beyond(rows, Rows, in.height, out.height);
      const Beyond wide = repeated_beyond(columns, Columns, in.width, out.width);
      add_border(in, high, wide, x, get, padded);
      repeated_windows<Step, Folded>(in, out, rows, columns, Rows, Columns, w, b, high, wide, padded, put);
    } else {
      const Beyond high = beyond(rows, transposed, in.height, out.height);
      const Beyond wide = beyond(columns, transposed, in.width, out.width);
      add_border(in, high, wide, x, get, padded);
      windows<Step>(in, out, rows, columns, transposed, w, b, high, wide, padded, put);
    }
  }

  /// `size` sums (in, out) from `first` on, the inputs dealt out among U sums each.
  template <int V, int U, int N, class W>
  __attribute__((noinline)) void dense_block(int in, int out, const W* w, const float* b, const float* x,
                                             float* values) {
    typename Lanes<float, N>::type sums[U][V] = {}, factors;
    for (int v = 0; v < V; ++v) load<N>(b + v * N, sums[0][v]);
    int i = 0;
    for (; i + U <= in; i += U)
      for (int u = 0; u < U; ++u)
        for (int v = 0; v < V; ++v) {
          load<N>(w + (i + u) * out + v * N, factors);
          sums[u][v] += x[i + u] * factors;
        }
    for (; i < in; ++i)
      for (int v = 0; v < V; ++v) {
        load<N>(w + i * out + v * N, factors);
        sums[0][v] += x[i] * factors;
      }
    for (int u = 1; u < U; ++u)
      for (int v = 0; v < V; ++v) sums[0][v] += sums[u][v];
    for (int v = 0; v < V; ++v) __builtin_memcpy(values + v * N, &sums[0][v], sizeof sums[0][v]);
  }
)cpp";

inline constexpr std::string_view fast_float_kernels = R"cpp(
  template <float (*F)(float)>
  struct Put {
    float* y;
    /// P outputs of `Size` channels, `apart`, from `to` on; raw ones get their function in the end.
    template <int P, int Size, bool Raw>
    void rows(const float* values, int, int to, int apart) const {
      for (int p = 0; p < P; ++p)
        for (int k = 0; k < Size; ++k) {
          const float value = values[p * Size + k];
          y[to + p * apart + k] = Raw ? value : F(value);
        }
    }
  };

  template <float (*F)(float), class W>
  __attribute__((noinline)) void dense(int in, int out, const W* w, const float* b, const float* x, float* y) {
    int o = 0;
    const auto units = [&](auto vectors, auto sums, auto size) {
      constexpr int V = decltype(vectors)::value, N = decltype(size)::value;
      for (; o + V * N <= out; o += V * N) {
        float values[V * N];
        dense_block<V, decltype(sums)::value, N>(in, out, w + o, b + o, x, values);
        for (int k = 0; k < V * N; ++k) y[o + k] = F(values[k]);
      }
    };
    units(Number<8>{}, Number<1>{}, Number<lanes>{});
    units(Number<4>{}, Number<2>{}, Number<lanes>{});
    units(Number<2>{}, Number<4>{}, Number<lanes>{});
    units(Number<1>{}, Number<8>{}, Number<lanes>{});
    if constexpr (lanes > 4) units(Number<1>{}, Number<8>{}, Number<4>{});
    units(Number<1>{}, Number<8>{}, Number<1>{});
  }
  /// With Folded > 0 the input is the one that was to be repeated `Rows` x `Columns` times.
  template <float (*F)(float), int Padded, int Step, int Folded, int Rows, int Columns, class W>
  __attribute__((noinline)) void convolve(Map in, Map out, Axis rows, Axis columns, bool transposed, const W* w,
                                          const float* b, const float* x, float* y) {
    if constexpr (Padded == 0) {
      plain_convolve<F>(in, out, rows, columns, transposed, w, b, x, y);
    } else {
      float padded[Padded];
      const auto get = [](float value) { return value; };
      run_windows<Step, Folded, Rows, Columns>(in, out, rows, columns, transposed, w, b, x, get, padded, Put<F>{y});
      if (is_dot(in, out))
        for (int i = 0; i < out.height * out.width; ++i) y[i] = F(y[i]);
    }
  }
)cpp";

inline constexpr std::string_view fast_int8_kernels = R"cpp(
  template <float (*F)(float), class Out>
  struct Put {
    const float* units;
    Scale to;
    Out* y;
    /// P outputs of `Size` channels, `apart`, from the channel and the place on.
    template <int P, int Size, bool>
    void rows(const float* values, int channel, int place, int apart) const {
      Out results[P * Size];
      for (int p = 0; p < P; ++p)
        for (int k = 0; k < Size; ++k) put(F(values[p * Size + k] * units[channel + k]), to, results + p * Size + k);
      for (int p = 0; p < P; ++p)
        for (int k = 0; k < Size; ++k) y[place + p * apart + k] = results[p * Size + k];
    }
  };
  /// sum of (x - zero) w, of four outputs.
  inline void dot(int size, int zero, const std::int8_t* x, const std::int8_t* w, std::int32_t* sums) {
    std::int32_t a = 0, b = 0, c = 0, d = 0;
    const std::int8_t *wb = w + size, *wc = wb + size, *wd = wc + size;
    for (int i = 0; i < size; ++i) {
      const std::int16_t value = static_cast<std::int16_t>(x[i] - zero);
      a += value * static_cast<std::int16_t>(w[i]);
      b += value * static_cast<std::int16_t>(wb[i]);
      c += value * static_cast<std::int16_t>(wc[i]);
      d += value * static_cast<std::int16_t>(wd[i]);
    }
    sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
  }
  template <float (*F)(float), class Out>
  __attribute__((noinline)) void dense(int in, int out, const std::int8_t* w, const std::int32_t* b, const float* units,
                                       int zero, const std::int8_t* x, Scale to, Out* y) {
    constexpr int most = 64;
    for (int first = 0; first < out; first += most) {
      const int count = out - first < most ? out - first : most;
      std::int32_t sums[most] = {};
      for (int o = 0; o < count; o += 4) {
        if (count - o >= 4) {
          dot(in, zero, x, w + (first + o) * in, sums + o);
        } else {
          for (int k = o; k < count; ++k)
            for (int i = 0; i < in; ++i) sums[k] += (x[i] - zero) * w[(first + k) * in + i];
        }
      }
      for (int k = 0; k < count; ++k)
        put(F(static_cast<float>(b[first + k] + sums[k]) * units[first + k]), to, y + first + k);
    }
  }
  /// With Folded > 0 the input is the one that was to be repeated `Rows` x `Columns` times.
  template <float (*F)(float), int Padded, int Step, int Folded, int Rows, int Columns, class Out>
  __attribute__((noinline)) void convolve(Map in, Map out, Axis rows, Axis columns, bool transposed,
                                          const std::int8_t* w, const std::int32_t* b, const float* units, int zero,
                                          const std::int8_t* x, Scale to, Out* y) {
    if constexpr (Padded == 0) {
      plain_convolve<F>(in, out, rows, columns, transposed, w, b, units, zero, x, to, y);
    } else {
      float padded[Padded];
      const auto get = [zero](int value) { return static_cast<float>(value - zero); };
      run_windows<Step, Folded, Rows, Columns>(in, out, rows, columns, transposed, w, b, x, get, padded,
                                               Put<F, Out>{units, to, y});
    }
  }
)cpp";

}  // namespace eigencoder::inline EIGENCODER_TARGET::frozen
