#pragma once

#include <cstdint>

namespace eigencoder {

/// Where all of a run's randomness comes from; the same seed gives the same run.
struct Seed {
  std::uint64_t value = 0;

  constexpr Seed() = default;
  constexpr explicit(false) Seed(std::uint64_t v) : value(v) {}
  constexpr bool operator==(const Seed&) const = default;
};

}  // namespace eigencoder
