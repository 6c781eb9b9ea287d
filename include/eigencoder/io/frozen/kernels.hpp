#pragma once

#include <eigencoder/core/target.hpp>
#include <string_view>

/// The C++17 that every frozen header has: what layers compute for one sample, in (height, width, channels) order, with
/// nothing but the language. Float, and int8 with 32-bit sums: a value is (q - zero) scale, a weight q scale, a scale a
/// channel. Dense layers and convolutions come twice: here in few bytes, and in io/frozen/fast_kernels.hpp for speed.
namespace eigencoder::inline EIGENCODER_TARGET::frozen {

inline constexpr std::string_view common_kernels = R"cpp(
  struct Map {
    int height, width, channels;
  };

  /// One axis of a window: forward, output v sees input stride v + dilation k - padding through tap k; transposed,
  /// input (v + padding - dilation k) / stride, if that is whole. -1: none.
  struct Axis {
    int kernel, stride, dilation, padding;
  };
  inline int reach(const Axis& axis, bool transposed, int size, int v, int k) {
    int i = transposed ? v + axis.padding - axis.dilation * k : axis.stride * v + axis.dilation * k - axis.padding;
    if (transposed) {
      if (i < 0 || i % axis.stride != 0) return -1;
      i /= axis.stride;
    }
    return i < size ? i : -1;
  }

  /// Bits of another type; compilers know the loop for a single instruction, and GNU's vectorise the function.
  template <class To, class From>
  To bits_as(From from) {
    static_assert(sizeof(To) == sizeof(From), "sizes");
    To to = 0;
#if defined(__GNUC__)
    __builtin_memcpy(&to, &from, sizeof to);
#else
    for (unsigned i = 0; i < sizeof to; ++i)
      reinterpret_cast<unsigned char*>(&to)[i] = reinterpret_cast<unsigned char*>(&from)[i];
#endif
    return to;
  }
  inline std::uint32_t bits_of(float value) { return bits_as<std::uint32_t>(value); }
  inline float from_bits(std::uint32_t bits) { return bits_as<float>(bits); }

  // What follows has no branches, so that loops of it are vectorised.
  constexpr std::uint32_t sign_bit = 0x80000000u;
  /// `size` with the sign of another number.
  inline float with_sign(float size, float other) { return from_bits(bits_of(size) | (bits_of(other) & sign_bit)); }
  inline float absolute(float value) { return from_bits(bits_of(value) & ~sign_bit); }
  /// Within [-most, most].
  inline float clamped(float value, float most) {
    const std::uint32_t size = bits_of(value) & ~sign_bit, limit = bits_of(most);
    return with_sign(from_bits(size < limit ? size : limit), value);
  }
  inline int rounded(float value) { return static_cast<int>(value + with_sign(0.5f, value)); }

  /// exp(z) = 2^n exp(r), |r| <= log(2) / 2, by its series.
  inline float exponential(float z) {
    z = clamped(z, 88.0f);
    const int n = rounded(z * 1.44269504f);
    const float r = (z - static_cast<float>(n) * 0.693359375f) + static_cast<float>(n) * 2.12194440e-4f;
    const float series =
        1 + r * (1 + r * (0.5f + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720))))));
    // 2^n by halves, as 2^128 is no float.
    const int half = n / 2;
    return series * from_bits(static_cast<std::uint32_t>(half + 127) << 23) *
           from_bits(static_cast<std::uint32_t>(n - half + 127) << 23);
  }
  inline float linear(float z) { return z; }
  inline float relu(float z) { return z > 0 ? z : 0; }
  inline float relu6(float z) { return z < 0 ? 0 : z > 6 ? 6 : z; }
  inline float sigmoid(float z) { return 1 / (1 + exponential(-z)); }
  inline float hard_sigmoid(float z) { return relu6(z + 3) / 6; }
  inline float tanh(float z) {
    const float size = absolute(z), square = z * z;
    const float near = z * (1 + square * (-1.0f / 3 + square * (2.0f / 15 - square * (17.0f / 315))));
    const float far = with_sign(1 - 2 / (exponential(2 * size) + 1), z);
    return size < 0.25f ? near : far;
  }
  template <int Millionths>
  float leaky_relu(float z) {
    return z * (z < 0 ? Millionths * 1e-6f : 1.0f);
  }
  inline float exp_minus_one(float z) {
    const float near = z * (1 + z * (0.5f + z * (1.0f / 6 + z * (1.0f / 24 + z * (1.0f / 120 + z * (1.0f / 720))))));
    const float far = exponential(z) - 1;
    return z > -0.25f ? near : far;
  }
  template <int Millionths>
  float elu(float z) {
    const float below = exp_minus_one(z) * (Millionths * 1e-6f);
    return z < 0 ? below : z;
  }
  inline float selu(float z) {
    const float below = 1.67326324f * exp_minus_one(z);
    return 1.05070099f * (z < 0 ? below : z);
  }
  /// log(1 + t) = 2 artanh(t / (2 + t)) with t = exp(-|z|).
  inline float softplus(float z) {
    const float t = exponential(-absolute(z)), u = t / (2 + t), s = u * u;
    return relu(z) +
           2 * u *
               (1 +
                s * (1.0f / 3 + s * (1.0f / 5 + s * (1.0f / 7 + s * (1.0f / 9 + s * (1.0f / 11 + s * (1.0f / 13)))))));
  }
  inline float softsign(float z) { return z / (1 + absolute(z)); }
  inline float silu(float z) { return z * sigmoid(z); }
  /// The normal distribution's by Abramowitz, Stegun, 7.1.26: to 1.5e-7.
  inline float gelu(float z) {
    const float size = absolute(z) * 0.707106781f, t = 1 / (1 + 0.3275911f * size);
    const float tail =
        t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f)))) *
        exponential(-size * size);
    const float whole = 2 - tail;
    return z * (z < 0 ? tail : whole) / 2;
  }

  template <class T>
  void max_pool(Map in, Map out, Axis rows, Axis columns, const T* x, T* y) {
    for (int i = 0; i < out.height; ++i)
      for (int j = 0; j < out.width; ++j, y += out.channels) {
        bool first = true;
        for (int u = 0; u < rows.kernel; ++u)
          for (int v = 0; v < columns.kernel; ++v) {
            const int row = reach(rows, false, in.height, i, u), column = reach(columns, false, in.width, j, v);
            if (row < 0 || column < 0) continue;
            const T* const from = x + (row * in.width + column) * in.channels;
            for (int c = 0; c < out.channels; ++c) y[c] = first || y[c] < from[c] ? from[c] : y[c];
            first = false;
          }
      }
  }
  inline float mean(float sum, int count) { return sum / static_cast<float>(count); }
  inline std::int8_t mean(std::int32_t sum, int count) {
    return static_cast<std::int8_t>(rounded(static_cast<float>(sum) / static_cast<float>(count)));
  }
  /// `Sum` is float for float and a 32-bit integer for int8.
  template <class Sum, class T>
  void average_pool(Map in, Map out, Axis rows, Axis columns, const T* x, T* y) {
    for (int i = 0; i < out.height; ++i)
      for (int j = 0; j < out.width; ++j)
        for (int c = 0; c < out.channels; ++c) {
          Sum sum = 0;
          int count = 0;
          for (int u = 0; u < rows.kernel; ++u)
            for (int v = 0; v < columns.kernel; ++v) {
              const int row = reach(rows, false, in.height, i, u), column = reach(columns, false, in.width, j, v);
              if (row < 0 || column < 0) continue;
              sum += x[(row * in.width + column) * in.channels + c];
              ++count;
            }
          y[(i * out.width + j) * out.channels + c] = mean(sum, count);
        }
  }
  /// y(c, i, j) = x(c, (i - top) / rows, (j - left) / columns), `outside` beyond the border of x: repeats, pads and
  /// crops.
  template <class T>
  void place(Map in, Map out, int rows, int columns, int top, int left, T outside, const T* x, T* y) {
    for (int i = 0; i < out.height; ++i)
      for (int j = 0; j < out.width; ++j, y += out.channels) {
        const int row = i - top, column = j - left;
        const bool inside = row >= 0 && row < in.height * rows && column >= 0 && column < in.width * columns;
        const T* const from = inside ? x + (row / rows * in.width + column / columns) * in.channels : x;
        for (int c = 0; c < out.channels; ++c) y[c] = inside ? from[c] : outside;
      }
  }
  /// A convolution's input, of which each cell may have been repeated before. `S`: see io/frozen/fast_convolution.hpp.
  template <class S>
  constexpr Map repeated() {
    return {S::in.height * S::row_repeats, S::in.width * S::column_repeats, S::in.channels};
  }
  template <class S, class T>
  const T* repeat_cells(const T* x, T* y) {
    place(S::in, repeated<S>(), S::row_repeats, S::column_repeats, 0, 0, T{0}, x, y);
    return y;
  }
)cpp";

inline constexpr std::string_view float_kernels = R"cpp(
  inline float number(float weight) { return weight; }
  struct BFloat16 {
    std::uint16_t bits;
  };
  inline float number(BFloat16 weight) { return from_bits(static_cast<std::uint32_t>(weight.bits) << 16); }
  struct Float16 {
    std::uint16_t bits;
  };
  inline float number(Float16 weight) {
    const std::uint32_t sign = (weight.bits & 0x8000u) << 16, rest = weight.bits & 0x7fffu;
    // By an exponent that is too small by 112, which the product mends, also of denormal numbers.
    return from_bits(sign | bits_of(from_bits(rest << 13) * 5.19229686e33f));
  }

  template <float (*F)(float)>
  void activate(int size, const float* x, float* y) {
    for (int i = 0; i < size; ++i) y[i] = F(x[i]);
  }
  inline void copy(int size, const float* x, float* y) {
    for (int i = 0; i < size; ++i) y[i] = x[i];
  }
)cpp";

/// A convolution's arguments and body: kernel (rows, columns, in, out).
inline constexpr std::string_view float_convolution =
    R"cpp((Map in, Map out, Axis rows, Axis columns, bool transposed, const Weight* w, const float* b, const float* x,
           float* y) {
            for (int i = 0; i < out.height; ++i)
              for (int j = 0; j < out.width; ++j) {
                float* const cell = y + (i * out.width + j) * out.channels;
                for (int o = 0; o < out.channels; ++o) cell[o] = b[o];
                for (int u = 0; u < rows.kernel; ++u) {
                  const int row = reach(rows, transposed, in.height, i, u);
                  if (row < 0) continue;
                  for (int v = 0; v < columns.kernel; ++v) {
                    const int column = reach(columns, transposed, in.width, j, v);
                    if (column < 0) continue;
                    const float* const from = x + (row * in.width + column) * in.channels;
                    const Weight* const tap = w + (u * columns.kernel + v) * in.channels * out.channels;
                    for (int c = 0; c < in.channels; ++c)
                      for (int o = 0; o < out.channels; ++o) cell[o] += from[c] * number(tap[c * out.channels + o]);
                  }
                }
                for (int o = 0; o < out.channels; ++o) cell[o] = F(cell[o]);
              }
          }
    )cpp";

/// Where a compiler is told to save bytes, or the processor has no vectors. What only the fast ones use is then
/// nothing.
inline constexpr std::string_view small_kernels = R"cpp(
  constexpr int alignment = 4;
  template <class S, class T>
  const T* repeat_unless_fast(const T* x, T* y) {
    return repeat_cells<S>(x, y);
  }
)cpp";

inline constexpr std::string_view small_float_kernels = R"cpp(
  template <float (*F)(float), class S>
  void convolve(const float* x, float* y) {
    plain_convolve<F>(repeated<S>(), S::out, S::rows, S::columns, S::transposed, S::kernel, S::bias, x, y);
  }
  /// Kernel (in, out).
  template <float (*F)(float), class Weight>
  void dense(int in, int out, const Weight* w, const float* b, const float* x, float* y) {
    for (int o = 0; o < out; ++o) y[o] = b[o];
    for (int i = 0; i < in; ++i)
      for (int o = 0; o < out; ++o) y[o] += x[i] * number(w[i * out + o]);
    for (int o = 0; o < out; ++o) y[o] = F(y[o]);
  }
)cpp";

inline constexpr std::string_view int8_kernels = R"cpp(
  /// How int8 stands for numbers: (q - zero) scale.
  struct Scale {
    float scale;
    int zero;
    float steps;  // 1 / scale
    constexpr Scale(float s, int z) : scale(s), zero(z), steps(1 / s) {}
  };
  inline void put(float value, Scale to, std::int8_t* y) {
    const int q = rounded(clamped(value * to.steps, 256)) + to.zero;
    *y = static_cast<std::int8_t>(q < -128 ? -128 : q > 127 ? 127 : q);
  }
  inline void put(float value, Scale, float* y) { *y = value; }
  inline float number(float value) { return value; }
  inline float number(std::int8_t integer) { return static_cast<float>(integer); }

  inline void quantize(int size, Scale to, const float* x, std::int8_t* y) {
    for (int i = 0; i < size; ++i) put(x[i], to, y + i);
  }
  inline void restore(int size, Scale from, const std::int8_t* x, float* y) {
    for (int i = 0; i < size; ++i) y[i] = static_cast<float>(x[i] - from.zero) * from.scale;
  }

  template <float (*F)(float), class Out>
  void activate(int size, Scale from, const std::int8_t* x, Scale to, Out* y) {
    for (int i = 0; i < size; ++i) put(F(static_cast<float>(x[i] - from.zero) * from.scale), to, y + i);
  }
)cpp";

/// The same; some channels at a time share the window's cells.
inline constexpr std::string_view int8_convolution =
    R"cpp((Map in, Map out, Axis rows, Axis columns, bool transposed, const std::int8_t* w, const std::int32_t* b,
           const float* units, int zero, const std::int8_t* x, Scale to, Out* y) {
            constexpr int most = 8;
            for (int i = 0; i < out.height; ++i)
              for (int j = 0; j < out.width; ++j)
                for (int first = 0; first < out.channels; first += most) {
                  const int count = out.channels - first < most ? out.channels - first : most;
                  std::int32_t sums[most];
                  for (int o = 0; o < count; ++o) sums[o] = b[first + o];
                  for (int u = 0; u < rows.kernel; ++u) {
                    const int row = reach(rows, transposed, in.height, i, u);
                    if (row < 0) continue;
                    for (int v = 0; v < columns.kernel; ++v) {
                      const int column = reach(columns, transposed, in.width, j, v);
                      if (column < 0) continue;
                      const std::int8_t* const from = x + (row * in.width + column) * in.channels;
                      const std::int8_t* tap = w + (u * columns.kernel + v) * in.channels * out.channels + first;
                      for (int c = 0; c < in.channels; ++c, tap += out.channels) {
                        const std::int32_t value = from[c] - zero;
                        if (value == 0) continue;  // of which rectifiers make many
                        for (int o = 0; o < count; ++o) sums[o] += value * tap[o];
                      }
                    }
                  }
                  for (int o = 0; o < count; ++o)
                    put(F(static_cast<float>(sums[o]) * units[first + o]), to,
                        y + (i * out.width + j) * out.channels + first + o);
                }
          }
    )cpp";

inline constexpr std::string_view small_int8_kernels = R"cpp(
  template <float (*F)(float), class S, class Out>
  void convolve(int zero, const std::int8_t* x, Scale to, Out* y) {
    plain_convolve<F>(repeated<S>(), S::out, S::rows, S::columns, S::transposed, S::kernel, S::bias, S::units, zero, x,
                      to, y);
  }
  /// sum of (x - zero) w.
  inline std::int32_t dot(int size, int zero, const std::int8_t* x, const std::int8_t* w) {
    std::int32_t sum = 0;
    for (int i = 0; i < size; ++i) sum += (x[i] - zero) * w[i];
    return sum;
  }
  /// Kernel (out, in); `units` are the scales of the sums, the input's times each channel's.
  template <float (*F)(float), class Out>
  void dense(int in, int out, const std::int8_t* w, const std::int32_t* b, const float* units, int zero,
             const std::int8_t* x, Scale to, Out* y) {
    for (int o = 0; o < out; ++o) put(F(static_cast<float>(b[o] + dot(in, zero, x, w + o * in)) * units[o]), to, y + o);
  }
)cpp";

}  // namespace eigencoder::inline EIGENCODER_TARGET::frozen
