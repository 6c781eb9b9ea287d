#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/gathered_rows.hpp>
#include <eigencoder/data/sample_reader.hpp>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Makes samples: fills `rows`, one sample after the other, with those of these numbers. The same number must always
/// give the same sample, and several threads call it at once.
using Generator = std::function<void(std::span<const Index> samples, std::span<float> rows)>;

/// Stands for the type of values that are made when they are needed.
struct Generated {};

/// Reads samples from a Generator.
template <>
struct SampleReader<Generated> {
  Index first = 0;  ///< the generator's number of sample 0
  Index features = 0;
  std::shared_ptr<const Generator> generate{};
  static constexpr Index sample_stride = 1;

  /// out[k] = the value of feature `feature + k` of a sample, for k < count. Makes the whole sample each time.
  template <class Scalar>
  void operator()(Index sample, Index feature, Index count, Scalar* out) const {
    rows(std::span(&sample, 1))(sample, feature, count, out);
  }

  /// Some samples at once.
  [[nodiscard]] GatheredRows<float> rows(std::span<const Index> samples) const {
    std::vector<Index> numbers(samples.begin(), samples.end());
    for (Index& number : numbers) number += first;
    GatheredRows<float> rows{samples, features};
    (*generate)(numbers, rows.values);
    return rows;
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
