#pragma once

#include <algorithm>
#include <cstdint>
#include <eigencoder/core/target.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// The byte b that stands for a value in [0, 1]: b / 255 is nearest to it. Values beyond become 0 or 255, NaN 0.
[[nodiscard]] inline std::uint8_t to_byte(float value) {
  // Vectorised, unlike lround, and as right in this range. NOLINTNEXTLINE(bugprone-incorrect-roundings)
  return static_cast<std::uint8_t>((value > 0 ? std::min(value, 1.0F) : 0.0F) * 255.0F + 0.5F);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
