#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <eigencoder/applications/rans.hpp>
#include <eigencoder/core/target.hpp>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Distributions of whole numbers for Rans, computed in integers alone, so that every machine gets the same ones.
namespace fixed_point {

/// Numbers are multiples of 1 / unit, probabilities of 2^-30.
inline constexpr std::int64_t unit = 4096;
inline constexpr int probability_bits = 30;

/// exp(x) in IEEE double arithmetic of a fixed order, for tables that are computed while compiling.
constexpr double exp(double x) {
  double base = 1, sum = 1;
  const double part = x / 1024;
  for (int n = 1; n <= 8; ++n) sum += base = base * part / n;
  for (int square = 0; square < 10; ++square) sum *= sum;
  return sum;
}

/// The nearest whole number to x >= 0; std::lround is not to be had while compiling.
constexpr std::int32_t rounded(double x) {
  const auto whole = static_cast<std::int32_t>(x);
  return whole + (x - whole >= 0.5 ? 1 : 0);
}

/// A distribution function F of the real numbers, in straight lines between its values at multiples of 1/64.
class Cumulative {
 public:
  static constexpr int steps = 64;
  static constexpr int reach = 22;

  /// 2^30 F(t / unit); it does not fall as t grows.
  [[nodiscard]] constexpr std::int64_t operator()(std::int64_t t) const {
    if (t >= most) return std::int64_t{1} << probability_bits;
    if (t <= -most) return 0;
    const auto place = static_cast<std::size_t>(t + most), k = place / fine;
    return values_[k] + (values_[k + 1] - values_[k]) * static_cast<std::int64_t>(place % fine) / fine;
  }

  /// About where F reaches slot / 2^24.
  [[nodiscard]] constexpr std::int64_t quantile(std::uint32_t slot) const { return quantiles_[slot >> 14]; }

  /// f(t) = 1 / (1 + exp(-t)).
  static constexpr Cumulative logistic() {
    Cumulative result;
    const double ratio = exp(-1.0 / steps);
    double tail = 1;  // exp(-t)
    for (std::size_t k = middle; k < size; ++k, tail *= ratio) result.set(k, 1 / (1 + tail));
    result.set_quantiles();
    return result;
  }

  /// That of the standard normal distribution, by Simpson's rule on its density.
  static constexpr Cumulative normal() {
    Cumulative result;
    const double h = 0.5 / steps, density = 0.3989422804014327, ratio = exp(-h * h);
    // density exp(-t^2 / 2) at t, t + h, ...: each is the last times a factor that itself falls by a fixed ratio.
    double value = density, factor = exp(-h * h / 2), sum = 0.5;
    for (std::size_t k = middle; k < size; ++k) {
      result.set(k, sum);
      const double left = value;
      value *= factor;
      factor *= ratio;
      const double centre = value;
      value *= factor;
      factor *= ratio;
      sum += (left + 4 * centre + value) * h / 3;
    }
    result.set_quantiles();
    return result;
  }

 private:
  static constexpr std::int64_t fine = unit / steps, most = reach * unit;
  static constexpr std::size_t middle = static_cast<std::size_t>(reach) * steps;
  static constexpr std::size_t size = 2 * middle + 1;

  /// F at a place at or above 0, and by symmetry below.
  constexpr void set(std::size_t k, double value) {
    constexpr double one = 1U << probability_bits;
    values_[k] = rounded(std::min(value, 1.0) * one);
    values_[2 * middle - k] = static_cast<std::int32_t>(1U << probability_bits) - values_[k];
  }

  constexpr void set_quantiles() {
    std::size_t k = 0;
    for (std::size_t q = 0; q < quantiles_.size(); ++q) {
      while (values_[k] < static_cast<std::int32_t>((2 * q + 1) << (probability_bits - 11))) ++k;
      quantiles_[q] = static_cast<std::int32_t>(static_cast<std::int64_t>(k) * fine - most);
    }
  }

  std::array<std::int32_t, size> values_{};
  std::array<std::int32_t, 1024> quantiles_{};
};

inline constexpr Cumulative logistic = Cumulative::logistic();
inline constexpr Cumulative normal = Cumulative::normal();

/// 2^16 exp(-r / unit), with r brought to the nearest multiple of 1/32 in [-7, 7].
[[nodiscard]] inline std::int64_t inverse_scale(std::int64_t r) {
  constexpr std::int64_t steps = 32, most = 7 * steps;
  static constexpr auto table = [] {
    std::array<std::int32_t, 2 * most + 1> values{};
    for (std::int64_t k = -most; k <= most; ++k)
      values[static_cast<std::size_t>(k + most)] = rounded(65536 * exp(-static_cast<double>(k) / steps));
    return values;
  }();
  constexpr std::int64_t fine = unit / steps;
  const std::int64_t clamped = std::clamp(r, -most * fine, most * fine);
  return table[static_cast<std::size_t>((clamped + most * fine + fine / 2) / fine)];
}

}  // namespace fixed_point

/// The distribution of a number k in 0 ... count - 1 that says between which of count - 1 ascending edges a variable
/// with the distribution function F, a location and a scale lies:
///
///   C(k) = k + floor((2^24 - count) F((edge(k) - location) / scale)),   C(0) = 0,   C(count) = 2^24,
///
/// so the interval of k is [C(k), C(k + 1)), never empty. `edge(k)`, for 0 < k < count, and `location` are in units of
/// 1 / fixed_point::unit.
template <class Edge>
class IntegerDistribution {
 public:
  static constexpr int precision = 24;

  IntegerDistribution(const fixed_point::Cumulative& F, std::uint32_t count, Edge edge, std::int64_t location,
                      std::int64_t inverse_scale)
      : F_(F), count_(count), edge_(edge), location_(location), inverse_scale_(inverse_scale) {}

  void push(Rans& stack, std::uint32_t k) const { stack.push(interval(k, cumulative(k)), precision); }

  [[nodiscard]] std::uint32_t pop(Rans& stack) const {
    return stack.pop(precision, [&](std::uint32_t slot) {
      // Most pixels are black: a look at the first number before the others are searched.
      if (const std::uint32_t first = cumulative(1); slot < first) return std::pair{0U, CodeInterval{0, first}};
      // The others from where the quantile lies.
      const std::int64_t place = location_ + (F_.quantile(slot) << 16) / inverse_scale_;
      std::uint32_t k = 1;
      for (std::uint32_t step = std::bit_floor(count_ - 1); step > 0; step /= 2)
        k += k + step < count_ && edge_(k + step) <= place ? step : 0;
      std::uint32_t start = cumulative(k), end = cumulative(k + 1);
      while (start > slot) end = std::exchange(start, cumulative(--k));
      while (end <= slot) start = std::exchange(end, cumulative(++k + 1));
      return std::pair{k, CodeInterval{start, end - start}};
    });
  }

 private:
  [[nodiscard]] std::uint32_t cumulative(std::uint32_t k) const {
    if (k == 0) return 0;
    if (k == count_) return 1U << precision;
    const std::int64_t t = ((edge_(k) - location_) * inverse_scale_) >> 16;
    const std::int64_t room = (std::int64_t{1} << precision) - count_;
    return k + static_cast<std::uint32_t>((room * F_(t)) >> fixed_point::probability_bits);
  }
  [[nodiscard]] CodeInterval interval(std::uint32_t k, std::uint32_t start) const {
    return {start, cumulative(k + 1) - start};
  }

  const fixed_point::Cumulative& F_;
  std::uint32_t count_;
  Edge edge_;
  std::int64_t location_;
  std::int64_t inverse_scale_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
