#pragma once

#include <eigencoder/core/eigen.hpp>
#include <eigencoder/core/target.hpp>
#include <limits>
#include <optional>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The number of values in an array of these dimensions: their product, 1 if there are none. Nothing if one is
/// negative, or if the product of those that are not 0 does not fit, so that every part of an array has a size if the
/// whole has.
[[nodiscard]] constexpr std::optional<Eigen::Index> array_size(std::span<const Eigen::Index> dims) {
  Eigen::Index product = 1;
  bool empty = false;
  for (const Eigen::Index n : dims) {
    if (n < 0 || (n > 0 && product > std::numeric_limits<Eigen::Index>::max() / n)) return std::nullopt;
    if (n == 0) empty = true;
    if (n > 0) product *= n;
  }
  return empty ? 0 : product;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
