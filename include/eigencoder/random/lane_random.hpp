#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Four random words for each lane of a pack, functions of (stream, counter, the lane's sample), and so independent of
/// the lane and the thread that the sample happens to be in.
template <class Pack>
class LaneRandom {
 public:
  using Scalar = typename Pack::Scalar;
  static constexpr int lanes = Pack::lanes;

  /// `samples` are the numbers of the samples in the lanes; lanes beyond them take the numbers of sample 0.
  LaneRandom(const Philox& philox, std::span<const Index> samples) : philox_(philox) {
    const std::size_t live = std::min<std::size_t>(samples.size(), lanes);
    for (std::size_t l = 0; l < live; ++l) samples_[l] = static_cast<std::uint64_t>(samples[l]);
  }

  /// Draws the words of one counter, which `mask` and `uniform` then look at.
  void draw(std::uint64_t counter) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const Philox::Block block = philox_.at(counter, samples_[l]);
      for (std::size_t k = 0; k < 4; ++k) words_[k][l] = block[k];
    }
  }

  /// `value` in the lanes whose k-th word is at least `threshold`, else 0: with probability 1 - threshold / 2^32.
  [[nodiscard]] Pack value_above(int k, std::uint32_t threshold, Scalar value) const {
    alignas(simd::alignment) Scalar chosen[lanes];
    const auto& words = words_[static_cast<std::size_t>(k)];
    for (std::size_t l = 0; l < lanes; ++l) chosen[l] = words[l] >= threshold ? value : Scalar(0);
    return Pack::load(chosen);
  }

  /// Uniform in [0, 1) from the k-th words.
  [[nodiscard]] Pack uniform(int k) const {
    alignas(simd::alignment) Scalar values[lanes];
    const auto& words = words_[static_cast<std::size_t>(k)];
    for (std::size_t l = 0; l < lanes; ++l) values[l] = uniform_of<Scalar>(words[l]);
    return Pack::load(values);
  }

  /// Two packs of independent standard normal values from the k-th and the (k + 1)-th words: `normal_of`, to rounding.
  [[nodiscard]] std::array<Pack, 2> normal(int k) const {
    alignas(simd::alignment) Scalar uniforms[lanes], turns[lanes];
    const auto& first = words_[static_cast<std::size_t>(k)];
    const auto& second = words_[static_cast<std::size_t>(k + 1)];
    for (std::size_t l = 0; l < lanes; ++l) {
      constexpr auto unit = static_cast<Scalar>(0x1p-32);
      uniforms[l] = (static_cast<Scalar>(first[l]) + Scalar(1)) * unit;
      turns[l] = static_cast<Scalar>(static_cast<std::int32_t>(second[l])) * unit;
    }
    return detail::normal_pair(Pack::load(uniforms), Pack::load(turns));
  }

 private:
  Philox philox_;
  std::uint64_t samples_[lanes] = {};
  alignas(simd::alignment) std::array<std::array<std::uint32_t, static_cast<std::size_t>(lanes)>, 4> words_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
