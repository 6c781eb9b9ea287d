#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/target.hpp>
#include <limits>
#include <numbers>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What random numbers are for: the first step of a stream's path, so that no two uses of one seed draw the same
/// numbers.
enum class Stream : std::uint64_t { parameters, shuffle, dropout, corruption, latent, augmentation };

/// Philox4x32-10, a counter-based generator: random numbers are a function of (seed, stream, counter), not of what was
/// drawn before. So noise can depend on the seed, the epoch and the sample alone, whatever the thread or the lane.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
class Philox {
 public:
  /// Four independent uniform words.
  using Block = std::array<std::uint32_t, 4>;

  /// The stream named by a path of numbers, such as (Stream::dropout, epoch, layer): each step takes its key from the
  /// stream before it.
  template <class... Path>
  constexpr explicit Philox(Seed seed, Path... path)
      : key_{static_cast<std::uint32_t>(seed.value), static_cast<std::uint32_t>(seed.value >> 32)} {
    (descend(static_cast<std::uint64_t>(path)), ...);
  }

  /// The block of a counter of 128 bits, for example (block of elements, sample).
  [[nodiscard]] constexpr Block at(std::uint64_t low, std::uint64_t high = 0) const {
    return rounds({static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32),
                   static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32)},
                  key_);
  }

  /// The ten rounds of the paper on a counter and a key.
  [[nodiscard, gnu::always_inline]] static constexpr Block rounds(Block counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p = std::uint64_t{0xD2511F53} * counter[0];
      const std::uint64_t q = std::uint64_t{0xCD9E8D57} * counter[2];
      counter = {static_cast<std::uint32_t>(q >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(q),
                 static_cast<std::uint32_t>(p >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p)};
      key[0] += 0x9E3779B9;  // the golden ratio
      key[1] += 0xBB67AE85;  // sqrt(3) - 1
    }
    return counter;
  }

 private:
  constexpr void descend(std::uint64_t stream) {
    // The high half marks a key's derivation, so that no key is also a value of the parent's stream.
    const Block block = at(stream, ~std::uint64_t{0});
    key_ = {block[0], block[1]};
  }

  std::array<std::uint32_t, 2> key_;
};

/// A uniform value in [0, 1) from one random word: 24 bits for float, 32 for double.
template <class Scalar>
[[nodiscard]] constexpr Scalar uniform_of(std::uint32_t word) {
  if constexpr (std::numeric_limits<Scalar>::digits < 32) {
    return static_cast<Scalar>(word >> 8) * static_cast<Scalar>(0x1p-24);
  } else {
    return static_cast<Scalar>(word) * static_cast<Scalar>(0x1p-32);
  }
}

/// Two independent standard normal values of two random words: sqrt(-2 log u) (cos 2 pi v, sin 2 pi v), u in (0, 1].
/// Source: Box, Muller, "A note on the generation of random normal deviates", 1958.
template <class Scalar>
[[nodiscard]] std::array<Scalar, 2> normal_of(std::uint32_t first, std::uint32_t second) {
  const double radius = std::sqrt(-2 * std::log((first + 1.0) * 0x1p-32));
  const double angle = 2 * std::numbers::pi * 0x1p-32 * second;
  return {static_cast<Scalar>(radius * std::cos(angle)), static_cast<Scalar>(radius * std::sin(angle))};
}

/// The words of one Philox stream, one after the other: for initialisers and shuffling. A UniformRandomBitGenerator,
/// but its own members, unlike the standard's distributions, give the same numbers with every library.
class Random {
 public:
  using result_type = std::uint32_t;

  template <class... Path>
  constexpr explicit Random(Seed seed, Path... path) : philox_(seed, path...) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  constexpr result_type operator()() {
    const std::uint64_t word = next_++;
    if (word % 4 == 0) block_ = philox_.at(word / 4);
    return block_[word % 4];
  }

  /// Uniform in [0, 1), with all the bits that the type's mantissa has.
  template <class Scalar>
  [[nodiscard]] constexpr Scalar uniform() {
    if constexpr (std::numeric_limits<Scalar>::digits < 32) {
      return uniform_of<Scalar>((*this)());
    } else {
      return static_cast<Scalar>(bits64() >> 11) * static_cast<Scalar>(0x1p-53);
    }
  }

  /// Standard normal.
  template <class Scalar>
  [[nodiscard]] Scalar normal() {
    const std::uint32_t first = (*this)();
    return normal_of<Scalar>(first, (*this)())[0];
  }

  /// Uniform among 0 ... bound - 1, every value equally likely; bound > 0.
  [[nodiscard]] constexpr std::uint64_t below(std::uint64_t bound) {
    // The largest multiple of bound that 64 bits hold; what lies above it would favour the small values.
    const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % bound + 1) % bound;
    std::uint64_t bits = bits64();
    while (bits > limit) bits = bits64();
    return bits % bound;
  }

  /// A random order, each equally likely (Fisher and Yates).
  template <class Range>
  constexpr void shuffle(Range& range) {
    for (auto n = range.size(); n > 1; --n)
      std::swap(range[n - 1], range[static_cast<decltype(n)>(below(static_cast<std::uint64_t>(n)))]);
  }

 private:
  constexpr std::uint64_t bits64() {
    const std::uint64_t high = (*this)();
    return high << 32 | (*this)();
  }

  Philox philox_;
  Philox::Block block_{};
  std::uint64_t next_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
