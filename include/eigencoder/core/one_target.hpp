#pragma once

/// Refuses programs whose files see different Eigens. The library's own functions have an inline namespace for each
/// instruction set (core/target.hpp), but Eigen's inline functions have the same names in all of them: a linker would
/// silently keep either, and what was allocated by one and freed by the other crashes.

#include <eigencoder/core/eigen.hpp>
#include <eigencoder/core/target.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// What the code of Eigen's functions depends on: its alignments, and a bit for each instruction set that it uses.
inline constexpr int eigen_target = EIGEN_MAX_ALIGN_BYTES + 256 * EIGEN_MAX_STATIC_ALIGN_BYTES
#if defined(EIGEN_VECTORIZE)
                                    + (1 << 16)
#endif
#if defined(EIGEN_VECTORIZE_SSE3)
                                    + (1 << 17)
#endif
#if defined(EIGEN_VECTORIZE_SSE4_1)
                                    + (1 << 18)
#endif
#if defined(EIGEN_VECTORIZE_AVX)
                                    + (1 << 19)
#endif
#if defined(EIGEN_VECTORIZE_AVX2)
                                    + (1 << 20)
#endif
#if defined(EIGEN_VECTORIZE_FMA)
                                    + (1 << 21)
#endif
#if defined(EIGEN_VECTORIZE_AVX512)
                                    + (1 << 22)
#endif
#if defined(EIGEN_VECTORIZE_AVX512DQ)
                                    + (1 << 23)
#endif
#if EIGEN_FAST_MATH
                                    + (1 << 24)
#endif
    ;

#if defined(__ELF__)
/// Never called. Its object file defines a symbol whose value is eigen_target: linkers take any number of definitions
/// of one value, and refuse two values with the symbol's name. Hidden, so that shared libraries may differ. Within a
/// function, since compilers that optimise across files (-flto) merge the assembler code outside of functions, or
/// refuse it; for those that then assemble several files as one, the first lines compare.
[[gnu::used, gnu::noinline]] static void refuse_other_targets() {
  asm volatile(
      ".ifdef eigencoder_needs_the_same_march_and_EIGEN_macros_in_all_files\n"
      ".if eigencoder_needs_the_same_march_and_EIGEN_macros_in_all_files - %c0\n"
      ".error \"eigencoder needs the same -march and EIGEN_ macros in all files\"\n"
      ".endif\n"
      ".endif\n"
      ".globl eigencoder_needs_the_same_march_and_EIGEN_macros_in_all_files\n"
      ".hidden eigencoder_needs_the_same_march_and_EIGEN_macros_in_all_files\n"
      ".set eigencoder_needs_the_same_march_and_EIGEN_macros_in_all_files, %c0"
      :
      : "i"(eigen_target));
}
#endif

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
