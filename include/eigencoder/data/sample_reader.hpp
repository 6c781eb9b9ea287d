#pragma once

#include <cstdint>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <type_traits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Reads samples that lie anywhere in memory with fixed strides, in units of `Stored`.
/// Bytes stand for byte / 255 (to rounding; 0 and 255 are exactly 0 and 1), floats and doubles for themselves.
template <class Stored>
struct SampleReader {
  const Stored* first = nullptr;
  Index sample_stride = 0;
  Index feature_stride = 1;

  /// out[k] = the value of feature `feature + k` of a sample, for k < count.
  template <class Scalar>
  void operator()(Index sample, Index feature, Index count, Scalar* out) const {
    const Stored* from = first + sample * sample_stride + feature * feature_stride;
    if (feature_stride == 1) {
      for (Index k = 0; k < count; ++k) out[k] = value<Scalar>(from[k]);
    } else {
      for (Index k = 0; k < count; ++k) out[k] = value<Scalar>(from[k * feature_stride]);
    }
  }

 private:
  template <class Scalar>
  static Scalar value(Stored stored) {
    if constexpr (std::is_same_v<Stored, std::uint8_t>) {
      return static_cast<Scalar>(stored) * static_cast<Scalar>(1.0 / 255.0);
    } else {
      return static_cast<Scalar>(stored);
    }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
