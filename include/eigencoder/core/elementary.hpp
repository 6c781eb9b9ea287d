#pragma once

#include <cmath>
#include <eigencoder/core/pack.hpp>

namespace eigencoder {

/// Elementary functions of registers and packs, made of those that the SIMD unit has.
namespace detail {

/// A register or pack of one number.
template <class T>
[[gnu::always_inline]] inline T constant(double value) {
  return T(static_cast<typename T::Scalar>(value));
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

}  // namespace detail

}  // namespace eigencoder
