#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/register.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How what a micro-batch adds to a sum joins what was summed before, in the one pass over the sum that adds it. The
/// default only adds.
///
/// A batch's gradient is summed in a tree (training/shards.hpp), and the sums of its parts that wait for their
/// neighbours lie on a stack, `apart` scalars from each other, the current part's on top:
///
///     sum = first ? 0 : at[0];                          // `start`
///     sum += what the micro-batch adds;
///     for (k = 1 ... merged) sum = at[-k apart] + sum;  // `finish`
///     at[-merged apart] = sum;
struct RunningSum {
  /// The micro-batch is its part's first: what lies in the part's place is not of it.
  bool first = false;
  /// It is the last one of its part and of so many others that end with it, less one.
  int merged = 0;
  Index apart = 0;

  /// The same where the micro-batch's own sum comes in pieces.
  [[nodiscard]] RunningSum piece(bool first_piece, bool last_piece) const {
    return {first && first_piece, last_piece ? merged : 0, apart};
  }

  /// A tile of a sum: sum[k] lies at at(k). What is touched only at the end is fetched at the beginning, since sums
  /// that wait have left the nearer caches.
  template <class Register, int Count, class At>
  [[gnu::always_inline]] void start(Register (&sum)[Count], const At& at) const {
    if (first) {
      simd::unroll<Count>([&](int k) __attribute__((always_inline)) {
        sum[k] = Register(0);
        if (merged == 0) __builtin_prefetch(at(k), 1);
      });
    } else {
      simd::unroll<Count>([&](int k) __attribute__((always_inline)) { sum[k] = Register::load_unaligned(at(k)); });
    }
    for (int below = 1; below <= merged; ++below)
      simd::unroll<Count>([&](int k) __attribute__((always_inline)) { __builtin_prefetch(at(k) - below * apart, 1); });
  }
  template <class Register, int Count, class At>
  [[gnu::always_inline]] void finish(Register (&sum)[Count], const At& at) const {
    for (int below = 1; below <= merged; ++below)
      simd::unroll<Count>([&](int k) __attribute__((always_inline)) {
        sum[k] = Register::load_unaligned(at(k) - below * apart) + sum[k];
      });
    simd::unroll<Count>([&](int k) __attribute__((always_inline)) { sum[k].store_unaligned(at(k) - merged * apart); });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
