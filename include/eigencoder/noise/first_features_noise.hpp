#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/noise/corruption.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A noise on a sample's first `features` values alone, the same as a sample of no more values would get.
struct FirstFeaturesNoise {
  Corruption noise;
  std::ptrdiff_t features = 0;

  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    const std::ptrdiff_t count = std::min(std::ssize(values), features - first);
    if (count > 0) noise.apply(values.first(static_cast<std::size_t>(count)), first, sample, stream);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
