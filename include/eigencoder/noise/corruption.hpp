#pragma once

#include <concepts>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <functional>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace concepts {

/// See Corruption.
template <class N>
concept Noise = std::copy_constructible<N> &&
                requires(const N noise, std::span<float> floats, std::span<double> doubles, const Philox stream) {
                  noise.apply(floats, std::ptrdiff_t{}, std::ptrdiff_t{}, stream);
                  noise.apply(doubles, std::ptrdiff_t{}, std::ptrdiff_t{}, stream);
                };

}  // namespace concepts

/// What `fit` does to a sample before the model sees it, while the clean sample stays the target. Any noise with
///
///     template <class Scalar> void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const
///     Philox& stream) const
///
/// which changes the values of the features first, first + 1, ... of a sample, and draws what it needs from the stream,
/// a function of seed and epoch, at a counter of (feature, sample): so every epoch has other noise, and all threads the
/// same.
class Corruption {
 public:
  /// None.
  Corruption() = default;

  /// A noise that has a check() is checked here: throws its std::invalid_argument.
  template <class Noise>
    requires(!std::is_same_v<Noise, Corruption>)
  explicit(false) Corruption(Noise noise) {
    static_assert(
        concepts::Noise<Noise>,
        "noise: `template <class Scalar> void apply(std::span<Scalar> values, std::ptrdiff_t first, "
        "std::ptrdiff_t sample, const Philox& stream) const` is missing; such as GaussianNoise{.stddev = 0.1}");
    if constexpr (concepts::Noise<Noise>) {
      if constexpr (requires { noise.check(); }) noise.check();
      float_ = [noise](auto... arguments) { noise.apply(arguments...); };
      double_ = [noise](auto... arguments) { noise.apply(arguments...); };
    }
  }

  explicit operator bool() const { return static_cast<bool>(float_); }

  void apply(std::span<float> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    float_(values, first, sample, stream);
  }
  void apply(std::span<double> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    double_(values, first, sample, stream);
  }

 private:
  template <class Scalar>
  using Function = std::function<void(std::span<Scalar>, std::ptrdiff_t, std::ptrdiff_t, const Philox&)>;
  Function<float> float_;
  Function<double> double_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
