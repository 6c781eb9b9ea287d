#pragma once

#include <cstdint>
#include <eigencoder/core/target.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Where all of a run's randomness comes from; the same seed gives the same run.
struct Seed {
  std::uint64_t value = 0;

  constexpr Seed() = default;
  constexpr explicit(false) Seed(std::uint64_t v) : value(v) {}
  constexpr bool operator==(const Seed&) const = default;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
