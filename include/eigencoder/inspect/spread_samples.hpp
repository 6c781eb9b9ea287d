#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// At most `most` samples, evenly spread over the data, with their labels: copies, of floats or doubles.
template <class Scalar>
[[nodiscard]] Dataset spread_samples(const Dataset& data, Index most) {
  const Index count = std::min(most, data.size());
  Matrix<Scalar> values(count, data.features());
  std::vector<int> labels;
  data.visit([&](const auto& read) {
    for (Index i = 0; i < count; ++i) {
      const Index sample = i * data.size() / count;
      read(sample, 0, data.features(), values.row(i).data());
      if (!data.labels().empty()) labels.push_back(data.labels()[static_cast<std::size_t>(sample)]);
    }
  });
  const Dataset spread(std::move(values), data.shape());
  return labels.empty() ? spread : spread.with_labels(std::move(labels));
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
