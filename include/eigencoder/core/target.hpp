#pragma once

#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error \
    "eigencoder needs NaN and the order of operations: leave out -ffast-math, -Ofast, -ffinite-math-only and \
-fassociative-math for files that include it, or add -fno-fast-math after them"
#endif

/// The instruction set that a translation unit is compiled for, as the name of an inline namespace that holds the whole
/// library. Registers, layouts and with them the code of every inline function depend on it, so functions of one name
/// and two instruction sets must not meet in one program: they would break the one-definition rule, and a linker would
/// silently keep either. In a namespace each they are different functions. For Eigen's own, see core/one_target.hpp.

#if defined(EIGEN_DONT_VECTORIZE)
#define EIGENCODER_TARGET scalar
#elif defined(__AVX512F__)
#define EIGENCODER_TARGET avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define EIGENCODER_TARGET avx2
#elif defined(__AVX__)
#define EIGENCODER_TARGET avx
#elif defined(__SSE4_2__)
#define EIGENCODER_TARGET sse4
#elif defined(__SSE2__)
#define EIGENCODER_TARGET sse2
#elif defined(__ARM_NEON)
#define EIGENCODER_TARGET neon
#else
#define EIGENCODER_TARGET scalar
#endif
