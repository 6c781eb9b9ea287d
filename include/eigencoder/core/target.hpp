#pragma once

/// The instruction set that a translation unit is compiled for, as the name of an inline namespace that holds the whole
/// library. Registers, layouts and with them the code of every inline function depend on it, so functions of one name
/// and two instruction sets must not meet in one program: they would break the one-definition rule, and a linker would
/// silently keep either. In a namespace each they are different functions.

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
