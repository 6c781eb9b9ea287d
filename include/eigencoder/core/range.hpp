#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <limits>
#include <sstream>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The numbers from `low` to `high`; by default all.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  [[nodiscard]] constexpr bool contains(double value) const { return value >= low && value <= high; }
  [[nodiscard]] constexpr bool contains(const Range& other) const { return other.low >= low && other.high <= high; }
  /// Whether there are numbers outside.
  [[nodiscard]] constexpr bool is_bounded() const { return !contains(Range{}); }

  constexpr bool operator==(const Range&) const = default;
};

/// "[0, 1]", "[0, inf)".
[[nodiscard]] inline std::string to_string(const Range& range) {
  std::ostringstream text;
  text << (std::isinf(range.low) ? '(' : '[') << range.low << ", " << range.high
       << (std::isinf(range.high) ? ')' : ']');
  return text.str();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
