#pragma once

#include <array>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/pack.hpp>
#include <numbers>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Elementary functions of registers and packs, made of those that the SIMD unit has.
namespace detail {

/// A register or pack of one number.
template <class T>
[[gnu::always_inline]] inline T constant(double value) {
  return T(static_cast<typename T::Scalar>(value));
}

/// exp(x) for x <= 0, in float 2^n p(x - n log 2) with n the whole number nearest to x / log 2 and p the polynomial of
/// degree 6 through exp at 2000 Chebyshev nodes of [-log(2) / 2, log(2) / 2], by least squares: 3e-9 off at most. A
/// third cheaper than exp, which has to mind the other side. Below exp(-87) it stays there.
template <class T>
[[gnu::always_inline]] inline T exp_of_negative(T x) {
  if constexpr (requires { times_power_of_two(x, x); }) {
    constexpr double p[] = {0.00139487, 0.00837521, 0.04166622, 0.16666414, 0.50000001, 1.00000004, 1};
    const T magic = constant<T>(0x1.8p23);  // beside it, a float has no room for fractions
    const T bounded = max(x, constant<T>(-87));
    const T n = multiply_add(bounded, constant<T>(std::numbers::log2e), magic);
    const T rest = multiply_add(n - magic, constant<T>(-std::numbers::ln2), bounded);
    T sum = constant<T>(p[0]);
    simd::unroll<6>([&](int k)
                        __attribute__((always_inline)) { sum = multiply_add(sum, rest, constant<T>(p[k + 1])); });
    return times_power_of_two(sum, n);
  } else {
    return exp(x);
  }
}

/// exp(z) - 1 for z <= 0, to full relative accuracy near 0, where the plain difference cancels.
/// Float: exp(z) - 1 = 2 t / (1 - t) with t = tanh(z / 2), since tanh has a vector form.
template <class T>
[[gnu::always_inline]] inline T exp_minus_one(T z) {
  if constexpr (sizeof(typename T::Scalar) == 4) {
    const T t = tanh(z * constant<T>(0.5));
    return (t + t) / (T(1) - t);
  } else {
    return z.map([](auto value) { return std::expm1(value); });
  }
}

/// log(1 + e) for e in (-1, 1], to full relative accuracy near 0: the rounding of 1 + e is taken back by e / ((1 + e) -
/// 1). Source: Kahan, in Hewlett-Packard's HP-15C Advanced Functions Handbook, 1982.
template <class T>
[[gnu::always_inline]] inline T log_one_plus(T e) {
  const T sum = T(1) + e;
  return select(sum == T(1), e, log(sum) * e / (sum - T(1)));
}

/// sin(2 pi t) for |t| <= 1/4, by Taylor's polynomial: at x = pi / 2 the first term left out is x^13 / 13! = 6e-8 in
/// float, x^21 / 21! = 3e-16 in double.
template <class T>
[[gnu::always_inline]] inline T sine_of_turns(T t) {
  constexpr int terms = sizeof(typename T::Scalar) == 4 ? 6 : 10;
  const T x = t * constant<T>(2 * std::numbers::pi);
  const T minus_square = -x * x;
  T sum(1);
  // 1 - x^2/(2 3) (1 - x^2/(4 5) (1 - ...)), from the inside.
  simd::unroll<terms - 1>([&](int k) __attribute__((always_inline)) {
    const int n = 2 * (terms - 1 - k);
    sum = multiply_add(minus_square * sum, constant<T>(1.0 / (n * (n + 1))), T(1));
  });
  return x * sum;
}

/// Two independent standard normal values of u, uniform in (0, 1], and t, uniform in [-1/2, 1/2):
/// sqrt(-2 log u) (cos 2 pi t, sin 2 pi t).
/// Source: Box, Muller, "A note on the generation of random normal deviates", 1958.
template <class T>
[[gnu::always_inline]] inline std::array<T, 2> normal_pair(T u, T t) {
  const T radius = sqrt(constant<T>(-2) * log(u));
  // Reduced to a quarter of a turn: sin(1/2 - t) = sin(t), and cos(t) = sin(1/4 - |t|).
  const T folded = max(min(t, constant<T>(0.5) - t), constant<T>(-0.5) - t);
  return {radius * sine_of_turns(constant<T>(0.25) - abs(t)), radius * sine_of_turns(folded)};
}

/// The probability that a standard normal variable is below z: erfc(-z / sqrt 2) / 2, which does not cancel in the
/// tail.
///
/// Float: for z <= 0, t exp(q(t) - z^2 / 2) with t = 1 / (1 - 0.3 z), where q is the least-squares polynomial of degree
/// 10 in t, at 2000 Chebyshev nodes of t for z in [-14, 0], of log(erfc(-z / sqrt 2) / 2) + z^2 / 2 - log(t): 4e-8 off
/// at most.
template <class T>
[[gnu::always_inline]] inline T normal_probability(T z) {
  if constexpr (sizeof(typename T::Scalar) == 4) {
    constexpr double q[] = {0.114922657,  -0.537120891, 0.848858331, -0.294071516, -0.472730512, 0.397250013,
                            -0.257815419, 0.233961713,  0.395046202, 1.00153011,   -2.12297786};
    const T size = abs(z);
    const T t = T(1) / multiply_add(size, constant<T>(0.3), T(1));
    T sum = constant<T>(q[0]);
    simd::unroll<10>([&](int k) __attribute__((always_inline)) { sum = multiply_add(sum, t, constant<T>(q[k + 1])); });
    const T tail = t * exp(multiply_add(size * constant<T>(-0.5), size, sum));
    return select(z < T(0), tail, T(1) - tail);
  } else {
    return z.map([](auto value) { return 0.5 * std::erfc(value * (-1 / std::numbers::sqrt2)); });
  }
}

}  // namespace detail

}  // namespace eigencoder::inline EIGENCODER_TARGET
