#pragma once

#include <eigencoder/core/target.hpp>
#include <string_view>

/// The dense layers and convolutions of a frozen header for processors with vectors, in GNU's C++ (GCC, clang): output
/// channels are lanes, sums of several outputs stay in registers, borders are stored, and repeated cells are folded
/// into the weights (io/frozen/fast_convolution.hpp). They need more code, and of the stack a copy of a layer's input.
namespace eigencoder::inline EIGENCODER_TARGET::frozen {

inline constexpr std::string_view fast_kernels = R"cpp(
  constexpr int alignment = 64;  // of constants: a line of the cache
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
  /// Registers of sums.
  constexpr int most_sums = lanes == 16 ? 28 : 12;
)cpp";

/// What fast_convolution.hpp sums: `in_lane` inputs times as many weights a lane.
inline constexpr std::string_view fast_float_sums = R"cpp(
  using Input = float;
  using Sum = float;
  constexpr int in_lane = 1;
  constexpr float factor(float weight) { return weight; }
  template <class W>
  float factor(W weight) {
    return number(weight);
  }
  template <int N>
  inline __attribute__((always_inline)) void multiply_add(typename Lanes<float, N>::type& sum,
                                                          typename Lanes<float, N>::type a,
                                                          typename Lanes<float, N>::type b) {
    sum += a * b;
  }
)cpp";

inline constexpr std::string_view fast_int8_sums = R"cpp(
  using Input = std::int16_t;
  using Sum = std::int32_t;
  constexpr int in_lane = 2;
  constexpr int factor(std::int8_t weight) { return weight; }
  /// Two products of 16 bits a lane. Compilers do not find the instruction by themselves.
  template <int N>
  inline __attribute__((always_inline)) void multiply_add(typename Lanes<Sum, N>::type& sum,
                                                          typename Lanes<Sum, N>::type a,
                                                          typename Lanes<Sum, N>::type b) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
    asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
#elif defined(__AVX2__) && (!defined(__AVX512F__) || defined(__AVX512BW__))
    typename Lanes<Sum, N>::type products;
    asm("vpmaddwd %2, %1, %0" : "=v"(products) : "v"(a), "v"(b));
    sum += products;
#elif defined(__SSE2__) && !defined(__AVX__)
    asm("pmaddwd %1, %0" : "+x"(a) : "x"(b));
    sum += a;
#else
    sum += (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
  }
)cpp";

inline constexpr std::string_view fast_float_kernels = R"cpp(
  template <int N, class T>
  inline __attribute__((always_inline)) void load(const T* from, typename Lanes<float, N>::type& to) {
    if constexpr (N == 1) {
      to = number(*from);
    } else if constexpr (sizeof(T) == sizeof(float)) {
      __builtin_memcpy(&to, from, sizeof to);
    } else {
      float numbers[N];
      for (int k = 0; k < N; ++k) numbers[k] = number(from[k]);
      __builtin_memcpy(&to, numbers, sizeof to);
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
  // In place of comparing functions, which sanitizers keep from being constant.
  template <float (*F)(float)>
  constexpr bool rectifies = false;
  template <>
  constexpr bool rectifies<relu> = true;
  template <float (*F)(float)>
  constexpr bool activates = true;
  template <>
  constexpr bool activates<relu> = false;
  template <>
  constexpr bool activates<linear> = false;
  template <float (*F)(float), class S>
  __attribute__((noinline)) void convolve(const float* x, float* y) {
    if constexpr (!fits<S>()) {
      plain_convolve<F>(repeated<S>(), S::out, S::rows, S::columns, S::transposed, S::kernel, S::bias, x, y);
    } else {
      alignas(alignment) float padded[Bordered<S>::size];
      add_border<S>(x, [](float value) { return value; }, padded);
      sum_windows<S, rectifies<F>>(padded, y);
      if constexpr (activates<F>) activate<F>(S::out.height * S::out.width * S::out.channels, y, y);
    }
  }
)cpp";

inline constexpr std::string_view fast_int8_kernels = R"cpp(
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
  template <float (*F)(float), class S, class Out>
  __attribute__((noinline)) void convolve(int zero, const std::int8_t* x, Scale to, Out* y) {
    if constexpr (!fits<S>()) {
      plain_convolve<F>(repeated<S>(), S::out, S::rows, S::columns, S::transposed, S::kernel, S::bias, S::units, zero,
                        x, to, y);
    } else {
      constexpr int channels = S::out.channels, row = S::out.width * channels;
      alignas(alignment) Input padded[Bordered<S>::size];
      alignas(alignment) Sum sums[S::out.height * row];
      add_border<S>(x, [zero](int value) { return static_cast<Input>(value - zero); }, padded);
      sum_windows<S, false>(padded, sums);
      for (const Sum* sum = sums; sum < sums + S::out.height * row; y += row) {
        float values[row];
        for (int j = 0; j < row; j += channels, sum += channels)
          for (int o = 0; o < channels; ++o) values[j + o] = F(static_cast<float>(sum[o]) * S::units[o]);
        for (int k = 0; k < row; ++k) put(values[k], to, y + k);
      }
    }
  }
)cpp";

}  // namespace eigencoder::inline EIGENCODER_TARGET::frozen
