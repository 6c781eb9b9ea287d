#pragma once

#include <cstddef>
#include <eigencoder/core/target.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Numbers of samples, values, units; Eigen's own type for them, without its headers.
using Index = std::ptrdiff_t;

}  // namespace eigencoder::inline EIGENCODER_TARGET
