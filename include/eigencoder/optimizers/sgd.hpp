#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/for_each_register.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Gradient descent: p -= r g, with learning rate r and gradient g. With a momentum m > 0 and the velocity v:
///   v = m v - r g,   p += v,   or, with Nesterov's look-ahead,   p += m v - r g.
/// Keras: SGD.
struct SGD {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  /// At most one of: the largest norm of each tensor's gradient, the largest of its values, the largest norm of all.
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  static constexpr std::string_view name = "SGD";
  /// Arrays of the parameters' size that this optimiser keeps between steps; they start as zeros.
  static constexpr int slots = 1;

  /// Throws std::invalid_argument, naming the field, its value and what was expected.
  void check() const {
    detail::check_common(*this);
    detail::require_fraction(name, "momentum", momentum);
    if (nesterov) detail::require(momentum > 0, name, "momentum", momentum, "positive where nesterov is true");
  }

  /// One step of some of the parameters; `step` counts from 1 and is one for all parameters.
  template <class Scalar>
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
              std::array<std::span<Scalar>, slots> state, double rate, Index) const noexcept {
    using Register = eigencoder::Register<Scalar>;
    const Register minus_rate(static_cast<Scalar>(-rate)), m(static_cast<Scalar>(momentum));
    if (momentum == 0) {
      for_each_register(
          parameters, gradient,
          std::array<std::span<Scalar>, 0>{}, [&](Register & p, Register g, auto&) __attribute__((always_inline)) {
            p = multiply_add(minus_rate, g, p);
          });
    } else if (nesterov) {
      for_each_register(
          parameters, gradient, state, [&](Register & p, Register g, auto& s) __attribute__((always_inline)) {
            s[0] = multiply_add(m, s[0], minus_rate * g);
            p += multiply_add(m, s[0], minus_rate * g);
          });
    } else {
      for_each_register(
          parameters, gradient, state, [&](Register & p, Register g, auto& s) __attribute__((always_inline)) {
            s[0] = multiply_add(m, s[0], minus_rate * g);
            p += s[0];
          });
    }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
