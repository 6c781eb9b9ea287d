#pragma once

#include <algorithm>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <span>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Reads from samples that were brought together, one after the other: `samples` are their numbers in the dataset.
template <class Stored>
struct GatheredRows {
  std::span<const Index> samples;
  Index features = 0;
  std::vector<Stored> values = std::vector<Stored>(samples.size() * static_cast<std::size_t>(features));

  [[nodiscard]] std::span<Stored> row(std::size_t k) {
    return std::span(values).subspan(k * static_cast<std::size_t>(features), static_cast<std::size_t>(features));
  }

  /// out[k] = the value of feature `feature + k` of a sample, for k < count.
  template <class Scalar>
  void operator()(Index sample, Index feature, Index count, Scalar* out) const {
    const Index row = std::ranges::find(samples, sample) - samples.begin();
    const Stored* from = values.data() + row * features + feature;
    for (Index k = 0; k < count; ++k) out[k] = static_cast<Scalar>(from[k]);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
