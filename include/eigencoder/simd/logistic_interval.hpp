#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/elementary.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What it costs to say that a variable of the standard logistic distribution f(t) = 1 / (1 + exp(-t)) lies between b
/// and a > b, in nats, and the gradients of its parts. T is a register or a pack.
///
///   cost = -log(f(a) - f(b)) = -log f(a) - log f(-b) - log(1 - exp(-w)),   w = a - b,
///
/// three terms that neither cancel nor overflow: upper = f(-a) is minus the first one's derivative by a, lower = f(b)
/// the second one's by b, and width = 1 / (exp(w) - 1) minus the third one's by w.
template <class T>
struct LogisticInterval {
  T cost, upper, lower, width;

  /// Given w by itself, which a - b may not tell to full accuracy.
  [[gnu::always_inline]] LogisticInterval(T a, T b, T w) {
    const T above = exp_of_negative(-abs(a)), below = exp_of_negative(-abs(b)), across = exp_minus_one_of_negative(-w);
    upper = select(a < T(0), T(1), above) / (T(1) + above);
    lower = select(b < T(0), below, T(1)) / (T(1) + below);
    width = (T(1) + across) / -across;
    cost = max(-a, T(0)) + max(b, T(0)) + log((T(1) + above) * (T(1) + below) / -across);
  }

 private:
  static T exp_of_negative(T x) { return detail::exp_of_negative(x); }
  static T exp_minus_one_of_negative(T x) { return detail::exp_minus_one(x); }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
