#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/form.hpp>
#include <eigencoder/simd/vector.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels {

/// Every cell's channels brought to mean 0 and variance 1, then scaled by gamma and shifted by beta; `Layer` has the
/// `epsilon` that is added to the variance.
template <class Scalar, class Layer>
struct Normalization : StatelessForm {
  static constexpr Index channels = Layer::input.channels;
  static constexpr Index panel_size = 2 * channels;

  static void pack(const Scalar* parameters, Scalar* panel) { std::copy_n(parameters, panel_size, panel); }

  template <ChannelLayout X, ChannelLayout Y, auto>
  static void run(const Scalar* x, const Call<Scalar>& call, Scalar* y) {
    constexpr Scalar share = Scalar(1) / static_cast<Scalar>(channels);
    for (Index i = 0; i < X.shape.height; ++i)
      for (Index j = 0; j < X.shape.width; ++j) {
        const Scalar* const from = x + X.at(i, j);
        const Scalar mean = share * total([&](auto lanes, Index c)
                                              __attribute__((always_inline)) { return simd::load<lanes>(from + c); });
        const Scalar squares = total([&](auto lanes, Index c) __attribute__((always_inline)) {
          const auto distance = simd::load<lanes>(from + c) - mean;
          return distance * distance;
        });
        const Scalar inverse = 1 / std::sqrt(squares * share + static_cast<Scalar>(Layer::epsilon));
        simd::for_each_vector<Scalar, channels>([&](auto lanes, Index c) __attribute__((always_inline)) {
          const auto normal = (simd::load<lanes>(from + c) - mean) * inverse;
          simd::store<lanes>(y + Y.at(i, j) + c,
                             normal * simd::load<lanes>(call.panel + c) + simd::load<lanes>(call.panel + channels + c));
        });
      }
  }

 private:
  /// The sum of value(lanes, first channel) over all channels.
  template <class Value>
  [[gnu::always_inline]] static Scalar total(const Value& value) {
    alignas(simd::alignment) Scalar sums[simd::lanes<Scalar>]{};
    simd::for_each_vector<Scalar, channels>([&](auto lanes, Index c) __attribute__((always_inline)) {
      simd::store<lanes>(sums, simd::load<lanes>(static_cast<const Scalar*>(sums)) + value(lanes, c));
    });
    return sum(Register<Scalar>::load(sums));
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels
