#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <eigencoder/core/range.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <eigencoder/simd/pack.hpp>
#include <numbers>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Activations are options of layers, `Dense<32, relu>`. Each is a value of a type derived from this one with
///   value(z)        = f(z),
///   gradient(dy, v) = dy f'(z), where v is y = f(z) if `from_output`, so that z need not be kept, and else z itself,
///   curvature(v)    = f''(z), from the same; only Contractive asks for it.
/// All of them take and give a Register or a Pack. NaN stays NaN. `range()`, if there is one, says where f(z) lies.
/// Names and defaults are those of Keras 3.
struct ActivationOption {
  /// Whether f(a) <= f(b) for all a <= b, so that a maximum may be taken before f: an activation hides this.
  static constexpr bool monotone = false;
};

/// f(z) = z.
struct Linear : ActivationOption {
  static constexpr std::string_view name = "linear";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z;
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T) {
    return dy;
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T) {
    return T(0);
  }
};

/// f(z) = max(z, 0).
struct Relu : ActivationOption {
  static constexpr std::string_view name = "relu";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {.low = 0}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return max(z, T(0));  // in this order: max gives its first argument if one is NaN
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return keep(y > T(0), dy);
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T) {
    return T(0);
  }
};

/// f(z) = min(max(z, 0), 6).
struct Relu6 : ActivationOption {
  static constexpr std::string_view name = "relu6";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {0, 6}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return min(max(z, T(0)), T(6));
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return keep(y > T(0), keep(y < T(6), dy));
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T) {
    return T(0);
  }
};

/// f(z) = z for z > 0, slope z below; `leaky_relu(0.3)` gives another slope >= 0 than Keras's 0.2.
struct LeakyRelu : ActivationOption {
  static constexpr std::string_view name = "leaky_relu";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;
  double negative_slope = 0.2;

  [[nodiscard]] constexpr double parameter() const { return negative_slope; }
  [[nodiscard]] constexpr Range range() const { return negative_slope > 0 ? Range{} : Range{.low = 0}; }

  [[nodiscard]] constexpr LeakyRelu operator()(double slope) const {
    if (!(slope >= 0)) throw std::invalid_argument("leaky_relu: the slope must be a number >= 0");
    LeakyRelu other;
    other.negative_slope = slope;
    return other;
  }

  template <class T>
  [[gnu::always_inline]] T value(T z) const {
    return select(z < T(0), z * detail::constant<T>(negative_slope), z);
  }
  template <class T>
  [[gnu::always_inline]] T gradient(T dy, T y) const {
    return select(y > T(0), dy, dy * detail::constant<T>(negative_slope));
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T) {
    return T(0);
  }
};

/// f(z) = z for z > 0, alpha (exp(z) - 1) below; `elu(0.5)` gives another alpha >= 0 than 1.
/// Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units",
/// 2016.
struct Elu : ActivationOption {
  static constexpr std::string_view name = "elu";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;
  double alpha = 1;

  [[nodiscard]] constexpr double parameter() const { return alpha; }
  [[nodiscard]] constexpr Range range() const { return {.low = -alpha}; }

  [[nodiscard]] constexpr Elu operator()(double a) const {
    if (!(a >= 0)) throw std::invalid_argument("elu: alpha must be a number >= 0");
    Elu other;
    other.alpha = a;
    return other;
  }

  template <class T>
  [[gnu::always_inline]] T value(T z) const {
    return select(z < T(0), detail::constant<T>(alpha) * detail::exp_minus_one(min(z, T(0))), z);
  }
  template <class T>
  [[gnu::always_inline]] T gradient(T dy, T y) const {
    return select(y > T(0), dy, dy * (y + detail::constant<T>(alpha)));
  }
  template <class T>
  [[gnu::always_inline]] T curvature(T y) const {
    return keep(y < T(0), y + detail::constant<T>(alpha));
  }
};

/// f(z) = scale z for z > 0, scale alpha (exp(z) - 1) below, with the constants that keep mean 0 and variance 1.
/// Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017.
struct Selu : ActivationOption {
  static constexpr std::string_view name = "selu";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;
  static constexpr double alpha = 1.6732632423543772848;
  static constexpr double scale = 1.0507009873554804934;

  [[nodiscard]] static constexpr Range range() { return {.low = -scale * alpha}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    const T below = detail::constant<T>(scale * alpha) * detail::exp_minus_one(min(z, T(0)));
    return select(z < T(0), below, z * detail::constant<T>(scale));
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return dy * select(y > T(0), detail::constant<T>(scale), y + detail::constant<T>(scale * alpha));
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T y) {
    return keep(y < T(0), y + detail::constant<T>(scale * alpha));
  }
};

/// f(z) = 1 / (1 + exp(-z)). Where exp(-z) overflows the quotient is the 0 that it should be.
struct Sigmoid : ActivationOption {
  static constexpr std::string_view name = "sigmoid";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {0, 1}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return T(1) / (T(1) + exp(-z));
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return dy * (y * (T(1) - y));
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T y) {
    return y * (T(1) - y) * (T(1) - y - y);
  }
};

/// f(z) = min(max(z + 3, 0), 6) / 6.
struct HardSigmoid : ActivationOption {
  static constexpr std::string_view name = "hard_sigmoid";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {0, 1}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return min(max(z + T(3), T(0)), T(6)) * detail::constant<T>(1.0 / 6);
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return keep(y > T(0), keep(y < T(1), dy * detail::constant<T>(1.0 / 6)));
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T) {
    return T(0);
  }
};

/// f(z) = tanh(z).
struct Tanh : ActivationOption {
  static constexpr std::string_view name = "tanh";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {-1, 1}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return tanh(z);
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return dy * (T(1) - y * y);
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T y) {
    return -(y + y) * (T(1) - y * y);
  }
};

/// f(z) = log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)), which cannot overflow; f'(z) = sigmoid(z) = 1 - exp(-y).
struct Softplus : ActivationOption {
  static constexpr std::string_view name = "softplus";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {.low = 0}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return max(z, T(0)) + detail::log_one_plus(exp(-abs(z)));
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return -dy * detail::exp_minus_one(-y);
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T y) {
    const T slope = gradient(T(1), y);
    return slope * (T(1) - slope);
  }
};

/// f(z) = z / (1 + |z|); f'(z) = (1 - |y|)^2.
struct Softsign : ActivationOption {
  static constexpr std::string_view name = "softsign";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {-1, 1}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z / (T(1) + abs(z));
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    const T slope = T(1) - abs(y);
    return dy * (slope * slope);
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T y) {
    const T slope = T(1) - abs(y);
    const T size = slope * slope * (slope + slope);
    return select(y < T(0), size, -size);
  }
};

/// f(z) = exp(z).
struct Exponential : ActivationOption {
  static constexpr std::string_view name = "exponential";
  static constexpr bool from_output = true;
  static constexpr bool monotone = true;

  [[nodiscard]] static constexpr Range range() { return {.low = 0}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return exp(z);
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T y) {
    return dy * y;
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T y) {
    return y;
  }
};

/// f(z) = z sigmoid(z), also called swish; f'(z) = s (1 + z (1 - s)) with s = sigmoid(z).
struct Silu : ActivationOption {
  static constexpr std::string_view name = "silu";
  static constexpr bool from_output = false;

  [[nodiscard]] static constexpr Range range() { return {.low = -0.27846454}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z * Sigmoid::value(z);
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T z) {
    const T s = Sigmoid::value(z);
    return dy * (s * (T(1) + z * (T(1) - s)));
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T z) {
    const T s = Sigmoid::value(z);
    return s * (T(1) - s) * (T(2) + z * (T(1) - s - s));
  }
};

/// f(z) = z P(z) with P(z) = (1 + erf(z / sqrt 2)) / 2, the normal distribution's; f'(z) = P(z) + z exp(-z^2 / 2) /
/// sqrt(2 pi). Source: Hendrycks, Gimpel, "Gaussian error linear units", 2016 (not the tanh approximation).
struct Gelu : ActivationOption {
  static constexpr std::string_view name = "gelu";
  static constexpr bool from_output = false;

  [[nodiscard]] static constexpr Range range() { return {.low = -0.16997121}; }

  template <class T>
  [[gnu::always_inline]] static T value(T z) {
    return z * detail::normal_probability(z);
  }
  template <class T>
  [[gnu::always_inline]] static T gradient(T dy, T z) {
    return dy * (detail::normal_probability(z) + z * density(z));
  }
  template <class T>
  [[gnu::always_inline]] static T curvature(T z) {
    return (T(2) - z * z) * density(z);
  }

 private:
  /// The normal distribution's.
  template <class T>
  [[gnu::always_inline]] static T density(T z) {
    return exp(z * z * detail::constant<T>(-0.5)) * detail::constant<T>(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
  }
};

/// "relu"; "leaky_relu(0.1)" where the parameter is not the default.
template <std::derived_from<ActivationOption> Function>
[[nodiscard]] std::string to_string(const Function& f) {
  std::string text(f.name);
  if constexpr (requires { f.parameter(); }) {
    if (f.parameter() != Function{}.parameter()) {
      std::array<char, 32> digits;
      text += "(";
      text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), f.parameter()).ptr);
      text += ")";
    }
  }
  return text;
}

namespace detail {

template <class F>
concept HasActivationName = requires {
  { F::name } -> std::convertible_to<std::string_view>;
  { F::from_output } -> std::convertible_to<bool>;
};
template <class F>
concept HasValue = requires(const F f, AnyPack z) {
  { f.value(z) } -> std::same_as<AnyPack>;
};
template <class F>
concept HasGradient = requires(const F f, AnyPack z) {
  { f.gradient(z, z) } -> std::same_as<AnyPack>;
};
template <class F>
concept HasCurvature = requires(const F f, AnyPack z) {
  { f.curvature(z) } -> std::same_as<AnyPack>;
};

/// Refuses what is not an activation by a sentence that names what it misses.
template <class F>
struct RequireActivation {
  static_assert(std::derived_from<F, ActivationOption>, "activation: it must be derived from ActivationOption");
  static_assert(HasActivationName<F>,
                "activation: `static constexpr std::string_view name` or `static constexpr bool from_output` is "
                "missing; see layers/options/activations.hpp");
  static_assert(HasValue<F>, "activation: `template <class T> T value(T z) const` is missing");
  static_assert(HasGradient<F>, "activation: `template <class T> T gradient(T dy, T v) const` is missing");
};

}  // namespace detail

namespace concepts {

template <class F>
concept Activation = std::derived_from<F, ActivationOption> && detail::HasActivationName<F> && detail::HasValue<F> &&
                     detail::HasGradient<F>;

}  // namespace concepts

/// In a namespace of their own so that `eigencoder::tanh`, the option, and tanh of a register may both exist.
inline namespace activations {

inline constexpr Linear linear{};
inline constexpr Relu relu{};
inline constexpr Relu6 relu6{};
inline constexpr LeakyRelu leaky_relu{};
inline constexpr Elu elu{};
inline constexpr Selu selu{};
inline constexpr Sigmoid sigmoid{};
inline constexpr HardSigmoid hard_sigmoid{};
inline constexpr Tanh tanh{};
inline constexpr Softplus softplus{};
inline constexpr Softsign softsign{};
inline constexpr Exponential exponential{};
inline constexpr Silu silu{};
inline constexpr Gelu gelu{};

}  // namespace activations

}  // namespace eigencoder::inline EIGENCODER_TARGET
