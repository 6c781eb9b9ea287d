#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// At most `most` samples, evenly spread over the data, with their labels.
[[nodiscard]] inline Dataset spread_samples(const Dataset& data, Index most) {
  std::vector<Index> indices(static_cast<std::size_t>(std::min(most, data.size())));
  const auto count = static_cast<Index>(indices.size());
  for (Index i = 0; i < count; ++i) indices[static_cast<std::size_t>(i)] = i * data.size() / count;
  return data.select(indices);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
