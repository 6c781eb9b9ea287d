#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Initialisers of kernels are options of layers, `Dense<32, relu, he_uniform>`. Each is a value of a type derived from
/// this one with
///   template <class Scalar, class Random>
///   void fill(std::span<Scalar> values, Index fan_in, Index fan_out, Random& random) const
/// where the fans are the numbers of weights that reach one output and leave one input. Draws are made in double, so
/// that float and double models of one seed start from the same weights to rounding. Names and meanings are those of
/// Keras.
struct InitializerOption {};

namespace concepts {

template <class I>
concept Initializer =
    std::derived_from<I, InitializerOption> &&
    requires(const I initializer, std::span<float> values, Random& random) { initializer.fill(values, 1, 1, random); };

}  // namespace concepts

namespace detail {

/// Draws a kernel's weights.
template <auto Initializer, class Scalar, class Random>
void fill_kernel(std::span<Scalar> values, Index fan_in, Index fan_out, Random& random) {
  using I = std::remove_const_t<decltype(Initializer)>;
  static_assert(concepts::Initializer<I>,
                "initialiser: `template <class Scalar, class Random> void fill(std::span<Scalar> values, Index fan_in, "
                "Index fan_out, Random& random) const` is missing");
  if constexpr (concepts::Initializer<I>) Initializer.fill(values, fan_in, fan_out, random);
}

}  // namespace detail

/// Random weights of variance scale / fan.
///
/// Uniform: in [-l, l), l = sqrt(3 scale / fan). Normal: truncated at two sigmas, and widened so that the variance
/// after the truncation is the one asked for. Keras: VarianceScaling.
struct VarianceScaling : InitializerOption {
  enum class Fan { in, average };
  enum class Distribution { uniform, truncated_normal };

  double scale;
  Fan fan;
  Distribution distribution;

  constexpr VarianceScaling(double s, Fan f, Distribution d) : scale(s), fan(f), distribution(d) {}

  template <class Scalar, class Random>
  void fill(std::span<Scalar> values, Index fan_in, Index fan_out, Random& random) const {
    const double in = static_cast<double>(fan_in);
    const double count = fan == Fan::in ? in : (in + static_cast<double>(fan_out)) / 2;
    const double variance = scale / std::max(count, 1.0);
    if (distribution == Distribution::uniform) {
      const double limit = std::sqrt(3 * variance);
      for (Scalar& value : values) value = static_cast<Scalar>(limit * (2 * random.template uniform<double>() - 1));
    } else {
      // The standard deviation of a standard normal truncated at two sigmas.
      constexpr double truncated = 0.87962566103423978;
      const double sigma = std::sqrt(variance) / truncated;
      for (Scalar& value : values) value = static_cast<Scalar>(sigma * truncated_normal(random));
    }
  }

 private:
  template <class Random>
  static double truncated_normal(Random& random) {
    double value = random.template normal<double>();
    while (std::abs(value) > 2) value = random.template normal<double>();
    return value;
  }
};

/// All weights equal: `constant(0.1)`.
struct Constant : InitializerOption {
  double value = 0;

  constexpr Constant() = default;
  constexpr explicit Constant(double v) : value(v) {}
  [[nodiscard]] constexpr Constant operator()(double v) const { return Constant(v); }

  template <class Scalar, class Random>
  void fill(std::span<Scalar> values, Index, Index, Random&) const {
    std::ranges::fill(values, static_cast<Scalar>(value));
  }
};

/// Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
inline constexpr VarianceScaling glorot_uniform{1, VarianceScaling::Fan::average,
                                                VarianceScaling::Distribution::uniform};
inline constexpr VarianceScaling glorot_normal{1, VarianceScaling::Fan::average,
                                               VarianceScaling::Distribution::truncated_normal};
/// He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015.
inline constexpr VarianceScaling he_uniform{2, VarianceScaling::Fan::in, VarianceScaling::Distribution::uniform};
inline constexpr VarianceScaling he_normal{2, VarianceScaling::Fan::in,
                                           VarianceScaling::Distribution::truncated_normal};
/// LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998.
inline constexpr VarianceScaling lecun_uniform{1, VarianceScaling::Fan::in, VarianceScaling::Distribution::uniform};
inline constexpr VarianceScaling lecun_normal{1, VarianceScaling::Fan::in,
                                              VarianceScaling::Distribution::truncated_normal};
inline constexpr Constant zeros{0};
inline constexpr Constant ones{1};
inline constexpr Constant constant{};

}  // namespace eigencoder::inline EIGENCODER_TARGET
