#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/noise/noise.hpp>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Shot noise: a value x >= 0 becomes k / peak with k of the Poisson distribution of mean peak x, as if a sensor
/// counted `peak` photons where the image is 1. Mean x, variance x / peak. Values below 0 count as 0. With `clip`, at
/// most 1.
///
/// k is the quantile of a standard normal value z: exact for means below 32, above it the rounded expansion
/// mean + sqrt(mean) z + (z^2 - 1) / 6. Source: Cornish, Fisher, "Moments and cumulants in the specification of
/// distributions", 1938.
struct PoissonNoise {
  double peak = 255;
  bool clip = false;

  void check() const {
    if (!(peak > 0 && peak < std::numeric_limits<double>::infinity()))
      throw std::invalid_argument("PoissonNoise: peak is " + std::to_string(peak) +
                                  ", but must be a finite number > 0");
  }

  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    detail::for_each_normal_group(
        values, first, sample, stream, [&](std::span<Scalar> some, const auto& normals, auto offset) {
          for (std::size_t k = 0; k < some.size(); ++k) {
            const double mean = peak * std::max(static_cast<double>(some[k]), 0.0);
            some[k] = static_cast<Scalar>(count(mean, static_cast<double>(normals[offset + k])) / peak);
            if (clip) some[k] = std::min(some[k], Scalar(1));
          }
        });
  }

 private:
  static double count(double mean, double z) {
    if (mean >= 32) return std::max(std::round(mean + std::sqrt(mean) * z + (z * z - 1) / 6), 0.0);
    const double u = std::erfc(-z / std::numbers::sqrt2) / 2;
    double k = 0, probability = std::exp(-mean), sum = probability;
    for (; sum < u && probability > 0; sum += probability) probability *= mean / ++k;
    return k;
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
