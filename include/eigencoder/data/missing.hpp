#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The same samples and labels with `value` in the place of every NaN: a copy if there are any, else the dataset
/// itself.
[[nodiscard]] inline Dataset without_missing(const Dataset& data, double value = 0) {
  return data.visit([&]<class Stored>(const SampleReader<Stored>& read) {
    if constexpr (std::is_floating_point_v<Stored>) {
      bool is_missing = false;
      std::vector<Stored> row(static_cast<std::size_t>(data.features()));
      data.scan(read, [&](const auto& each, Index sample) {
        each(sample, 0, data.features(), row.data());
        return is_missing = std::ranges::any_of(row, [](Stored v) { return std::isnan(v); });
      });
      if (!is_missing) return data;
      Matrix<Stored> values(data.size(), data.features());
      for (Index i = 0; i < data.size(); ++i) read(i, 0, data.features(), values.row(i).data());
      for (Stored& each : std::span(values.data(), static_cast<std::size_t>(values.size())))
        if (std::isnan(each)) each = static_cast<Stored>(value);
      const Dataset filled(std::move(values), data.shape());
      return data.labels().empty() ? filled : filled.with_labels({data.labels().begin(), data.labels().end()});
    } else {
      return data;
    }
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
