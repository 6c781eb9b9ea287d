#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <span>
#include <stdexcept>
#include <string>

/// Noise for `FitOptions::corruption`, each value's independent of the others'.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// Calls f(some, words) for stretches of the values, with a random word for each value of a group of 64, of which those
/// of the stretch start at words[offset]. The words are functions of (stream, sample, feature), whatever part of a
/// sample is asked for, and drawn 16 counters at a time, so that compilers vectorise the drawing.
template <class Scalar, class Function>
void for_each_word_group(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream,
                         Function f) {
  constexpr std::size_t counters = 16, group = 4 * counters;
  for (std::size_t done = 0; done < values.size();) {
    const std::size_t feature = static_cast<std::size_t>(first) + done;
    const std::size_t offset = feature % group;
    const std::size_t count = std::min(group - offset, values.size() - done);
    alignas(simd::alignment) std::array<std::uint32_t, group> words;
    for (std::size_t l = 0; l < counters; ++l) {
      const Philox::Block block = stream.at(feature / group * counters + l, static_cast<std::uint64_t>(sample));
      for (std::size_t k = 0; k < 4; ++k) words[k * counters + l] = block[k];
    }
    f(values.subspan(done, count), words, offset);
    done += count;
  }
}

/// Standard normal values of pairs of words, half of the group apart.
template <class Scalar, std::size_t N>
void draw_normals(const std::array<std::uint32_t, N>& words, std::array<Scalar, N>& normals) {
  using Register = eigencoder::Register<Scalar>;
  constexpr std::size_t half = N / 2;
  constexpr auto unit = static_cast<Scalar>(0x1p-32);
  for (std::size_t k = 0; k < half; ++k) {
    normals[k] = (static_cast<Scalar>(words[k]) + Scalar(1)) * unit;
    normals[half + k] = static_cast<Scalar>(static_cast<std::int32_t>(words[half + k])) * unit;
  }
  for (std::size_t k = 0; k < half; k += Register::lanes) {
    const auto [a, b] = normal_pair(Register::load(&normals[k]), Register::load(&normals[half + k]));
    a.store(&normals[k]);
    b.store(&normals[half + k]);
  }
}

/// The same with a standard normal value for each.
template <class Scalar, class Function>
void for_each_normal_group(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream,
                           Function f) {
  for_each_word_group(
      values, first, sample, stream,
      [&]<std::size_t N>(std::span<Scalar> some, const std::array<std::uint32_t, N>& words, std::size_t offset) {
        alignas(simd::alignment) std::array<Scalar, N> normals;
        draw_normals(words, normals);
        f(some, normals, offset);
      });
}

/// The largest word that happens with probability p > 0, together with all smaller ones.
inline std::uint32_t last_word(double p) { return static_cast<std::uint32_t>(std::max(p * 0x1p32 - 1, 0.0)); }

inline void require_probability(const char* owner, double p) {
  if (!(p >= 0 && p <= 1))
    throw std::invalid_argument(std::string(owner) + ": p is " + std::to_string(p) + ", but must be in [0, 1]");
}

}  // namespace detail

/// x + stddev n with n standard normal. With `clip`, brought back into [0, 1], the range of images: not for
/// standardised data, whose values lie on both sides of 0.
struct GaussianNoise {
  double stddev = 0;
  bool clip = false;

  void check() const {
    if (!(stddev >= 0 && stddev < std::numeric_limits<double>::infinity()))
      throw std::invalid_argument("GaussianNoise: stddev is " + std::to_string(stddev) +
                                  ", but must be a finite number >= 0");
  }

  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    detail::for_each_normal_group(values, first, sample, stream,
                                  [&](std::span<Scalar> some, const auto& normals, auto offset) {
                                    const auto sigma = static_cast<Scalar>(stddev);
                                    for (std::size_t k = 0; k < some.size(); ++k)
                                      some[k] += sigma * normals[offset + k];
                                    if (clip)
                                      for (Scalar& value : some)
                                        value = std::min(std::max(value, Scalar(0)), Scalar(1));
                                  });
  }
};

/// Each value 0 with probability p.
/// Source: Vincent, Larochelle, Bengio, Manzagol, "Extracting and composing robust features with denoising
/// autoencoders", 2008.
struct MaskingNoise {
  double p = 0;

  void check() const { detail::require_probability("MaskingNoise", p); }

  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    if (p == 0) return;
    const std::uint32_t last = detail::last_word(p);
    detail::for_each_word_group(values, first, sample, stream,
                                [&](std::span<Scalar> some, const auto& words, auto offset) {
                                  for (std::size_t k = 0; k < some.size(); ++k)
                                    some[k] = words[offset + k] <= last ? Scalar(0) : some[k];
                                });
  }
};

/// Each value with probability p replaced: by 0 or 1, both equally likely.
struct SaltAndPepper {
  double p = 0;

  void check() const { detail::require_probability("SaltAndPepper", p); }

  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    if (p == 0) return;
    const std::uint32_t last = detail::last_word(p), pepper = detail::last_word(p / 2);
    detail::for_each_word_group(values, first, sample, stream,
                                [&](std::span<Scalar> some, const auto& words, auto offset) {
                                  for (std::size_t k = 0; k < some.size(); ++k) {
                                    const std::uint32_t word = words[offset + k];
                                    some[k] = word > last ? some[k] : word <= pepper ? Scalar(0) : Scalar(1);
                                  }
                                });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
