#pragma once

#include <cstdint>
#include <eigencoder/core/target.hpp>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace eigencoder::inline EIGENCODER_TARGET {

/// While it lives, its thread takes numbers too small to be normal (in float those below 1.2e-38) for zero, as operands
/// and as results; afterwards the thread computes as before. A processor takes a hundred times longer for an operation
/// on a denormal number, and moments, saturated logits and tiny data are full of them. Elsewhere than on x86 with SSE
/// and AArch64 it does nothing.
/// Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 10.2.3 (MXCSR); Arm Architecture
/// Reference Manual for A-profile, FPCR.
class FlushDenormals {
 public:
  FlushDenormals() : before_(control()) {
    if ((before_ & flush) != flush) set_control(before_ | flush);
  }
  ~FlushDenormals() {
    if ((before_ & flush) != flush) set_control(before_);
  }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE__)
  using Control = unsigned;
  /// FTZ, flush results to zero, and DAZ, denormal operands are zeros.
  static constexpr Control flush = 1U << 15 | 1U << 6;
  static Control control() { return _mm_getcsr(); }
  static void set_control(Control bits) { _mm_setcsr(bits); }
#elif defined(__aarch64__)
  using Control = std::uint64_t;
  /// FZ: both.
  static constexpr Control flush = 1U << 24;
  static Control control() {
    Control bits;
    asm volatile("mrs %0, fpcr" : "=r"(bits));
    return bits;
  }
  static void set_control(Control bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
#else
  using Control = unsigned;
  static constexpr Control flush = 0;
  static Control control() { return 0; }
  static void set_control(Control) {}
#endif

  Control before_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
