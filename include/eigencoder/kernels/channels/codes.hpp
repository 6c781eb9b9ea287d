#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/form.hpp>
#include <eigencoder/simd/vector.hpp>
#include <limits>

/// Forms of the layers that choose: among codes, among values, by a label.
namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels {

/// Each cell's channels replaced by the nearest of `Codes` vectors; what is NaN stays so. The lanes are codes.
template <class Scalar, Index Codes, Index Channels>
struct Quantization : StatelessForm {
  static constexpr int lanes = simd::lanes<Scalar>;
  static constexpr Index blocks = (Codes + lanes - 1) / lanes;
  /// [block of codes][channel][code], then the codebook as it is.
  static constexpr Index codebook_at = whole_lines<Scalar>(blocks * Channels * lanes);
  static constexpr Index panel_size = codebook_at + Codes * Channels;

  static void pack(const Scalar* codebook, Scalar* panel) {
    std::copy_n(codebook, Codes * Channels, panel + codebook_at);
    // Codes that there are not are as far away as can be.
    std::fill_n(panel, blocks * Channels * lanes, std::numeric_limits<Scalar>::infinity());
    for (Index k = 0; k < Codes; ++k)
      for (Index c = 0; c < Channels; ++c)
        panel[(k / lanes * Channels + c) * lanes + k % lanes] = codebook[k * Channels + c];
  }

  template <ChannelLayout X, ChannelLayout Y, auto>
  static void run(const Scalar* x, const Call<Scalar>& call, Scalar* y) {
    for (Index i = 0; i < X.shape.height; ++i)
      for (Index j = 0; j < X.shape.width; ++j) {
        const Scalar* const from = x + X.at(i, j);
        const Scalar* const code = call.panel + codebook_at + nearest(from, call.panel) * Channels;
        Scalar* const to = y + Y.at(i, j);
        simd::for_each_vector<Scalar, Channels>([&](auto count, Index c) __attribute__((always_inline)) {
          const auto chosen = simd::load<count>(code + c), distance = simd::load<count>(from + c) - chosen;
          simd::store<count>(to + c, distance != distance ? distance : chosen);
        });
      }
  }

 private:
  /// Of codes that are equally near, the first.
  static Index nearest(const Scalar* x, const Scalar* panel) {
    using Register = eigencoder::Register<Scalar>;
    Register least(std::numeric_limits<Scalar>::infinity()), block_of(Scalar(0));
    for (Index b = 0; b < blocks; ++b, panel += Channels * lanes) {
      Register distance(Scalar(0));
      for (Index c = 0; c < Channels; ++c) {
        const Register difference = Register::broadcast(x + c) - Register::load(panel + c * lanes);
        distance = multiply_add(difference, difference, distance);
      }
      block_of = select(distance < least, Register(static_cast<Scalar>(b)), block_of);
      least = min(least, distance);
    }
    alignas(simd::alignment) Scalar distances[lanes], block_numbers[lanes];
    least.store(distances);
    block_of.store(block_numbers);
    const auto number = [&](int lane) { return static_cast<Index>(block_numbers[lane]) * lanes + lane; };
    int best = 0;
    for (int lane = 1; lane < lanes; ++lane)
      if (distances[lane] < distances[best] || (distances[lane] == distances[best] && number(lane) < number(best)))
        best = lane;
    return std::min(number(best), Codes - 1);  // all may be NaN
  }
};

/// The K largest values of a sample, and 0 in the place of the others. A NaN is neither and stays what it is.
template <class Scalar, Index K>
struct Largest : StatelessForm {
  /// The largest so far, in descending order.
  static constexpr Index memory_size = K;

  template <ChannelLayout X, ChannelLayout Y, auto>
  static void run(const Scalar* x, const Call<Scalar>& call, Scalar* y) {
    constexpr Index row = X.shape.width * X.shape.channels;
    Scalar* const largest = call.memory;
    std::fill_n(largest, K, -std::numeric_limits<Scalar>::infinity());
    for (Index i = 0; i < X.shape.height; ++i)
      for (Index k = 0; k < row; ++k) {
        Scalar value = x[X.at(i, 0) + k];
        if (!(value > largest[K - 1])) continue;
        for (Index place = 0; place < K; ++place)
          if (value > largest[place]) std::swap(value, largest[place]);
      }
    const Scalar threshold = largest[K - 1];
    for (Index i = 0; i < X.shape.height; ++i)
      simd::for_each_vector<Scalar, row>([&](auto lanes, Index k) __attribute__((always_inline)) {
        const auto value = simd::load<lanes>(x + X.at(i, 0) + k);
        simd::store<lanes>(y + Y.at(i, 0) + k, value < threshold ? simd::Vector<Scalar, lanes>{} : value);
      });
  }
};

/// The values, then one unit for each class: 1 for the sample's label, 0 for the others.
template <class Scalar, Index Classes>
struct LabelledValues : StatelessForm {
  template <ChannelLayout X, ChannelLayout Y, auto>
  static void run(const Scalar* x, const Call<Scalar>& call, Scalar* y) {
    Scalar* const units = std::copy_n(x + X.at(0, 0), X.shape.channels, y + Y.at(0, 0));
    for (Index c = 0; c < Classes; ++c) units[c] = call.label == c ? Scalar(1) : Scalar(0);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels
