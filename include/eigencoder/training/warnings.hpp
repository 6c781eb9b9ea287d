#pragma once

#include <cstdio>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/first_outside.hpp>
#include <eigencoder/network/output_range.hpp>
#include <string>

/// What is probably a mistake, but may be meant: said once a training on the standard error stream, unless
/// FitOptions::warnings is false.
namespace eigencoder::inline EIGENCODER_TARGET::training {

inline void warn(const std::string& message) {
  std::fprintf(stderr, "eigencoder: warning: %s (FitOptions: .warnings = false turns this off)\n", message.c_str());
}

/// Of a program that is many times slower than it need be.
inline void warn_of_slow_build() {
#if !defined(__OPTIMIZE__)
  warn("fit: this program is compiled without optimisation, 20 to 200 times slower than with -O3 -march=native");
#elif defined(__SSE2__) && !defined(__AVX__)
  if (__builtin_cpu_supports("avx2"))
    warn(
        "fit: this program is compiled for SSE2, but this processor has AVX2 or better: -march=native makes it several "
        "times faster");
#endif
}

/// Of a target that the model's last activation cannot give, such as a negative one with relu.
template <class Model>
void warn_of_unreachable(const Dataset& targets) {
  if constexpr (constexpr std::optional<Range> range = network::output_range<Model>; range && range->is_bounded())
    if (const auto place = first_outside(targets, *range, true))
      warn("fit: the target " + to_string(*place) + ", which the model cannot reach: by its last activation it gives " +
           to_string(*range) + "; scale the data or end the decoder in another activation, such as linear");
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
