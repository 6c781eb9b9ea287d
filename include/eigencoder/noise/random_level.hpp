#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/noise/corruption.hpp>
#include <eigencoder/random/philox.hpp>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A noise whose level is another one for each sample, uniform in [from, to], so that a model learns to be blind to it:
///
///     RandomLevel{.noise = [](double stddev) { return GaussianNoise{.stddev = stddev}; }, .from = 0, .to = 0.2}
struct RandomLevel {
  /// The noise of a level; several threads call it at once.
  std::function<Corruption(double level)> noise{};
  double from = 0;
  double to = 0;

  void check() const {
    if (!noise) throw std::invalid_argument("RandomLevel: has no noise");
    if (!(from <= to && to - from < std::numeric_limits<double>::infinity()))
      throw std::invalid_argument("RandomLevel: levels from " + std::to_string(from) + " to " + std::to_string(to) +
                                  "; expected finite numbers, the first not above the second");
    (void)noise(from);
    (void)noise(to);
  }

  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    // A counter that no value of a sample has.
    const Philox::Block words = stream.at(~std::uint64_t{0}, static_cast<std::uint64_t>(sample));
    noise(from + (to - from) * uniform_of<double>(words[0])).apply(values, first, sample, stream);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
