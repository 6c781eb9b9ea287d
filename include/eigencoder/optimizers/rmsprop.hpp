#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/for_each_register.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// RMSprop, with learning rate r and gradient g:
///   v = rho v + (1 - rho) g^2,   d = r g / sqrt(v + epsilon),   p -= d;   centered: with v less the square of the mean
///   gradient, a = rho a + (1 - rho) g;   with a momentum m > 0: b = m b + d,   p -= b.
/// Source: Tieleman, Hinton, "Neural networks for machine learning", lecture 6.5, 2012. Keras: RMSprop.
struct RMSprop {
  LearningRate learning_rate = 1e-3;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  /// At most one of: the largest norm of each tensor's gradient, the largest of its values, the largest norm of all.
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  static constexpr std::string_view name = "RMSprop";
  /// Arrays of the parameters' size that this optimiser keeps between steps; they start as zeros.
  static constexpr int slots = 3;

  /// Throws std::invalid_argument, naming the field, its value and what was expected.
  void check() const {
    detail::check_common(*this);
    detail::require_fraction(name, "rho", rho);
    detail::require_fraction(name, "momentum", momentum);
    detail::require_positive(name, "epsilon", epsilon);
  }

  /// One step of some of the parameters; `step` counts from 1 and is one for all parameters.
  template <class Scalar>
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
              std::array<std::span<Scalar>, slots> state, double rate, Index) const noexcept {
    using Register = eigencoder::Register<Scalar>;
    const auto all = [](double value) { return Register(static_cast<Scalar>(value)); };
    const Register keep = all(rho), take = all(1 - rho), m = all(momentum), eps = all(epsilon), r = all(rate);
    for_each_register(
        parameters, gradient, state, [&](Register & p, Register g, auto& s) __attribute__((always_inline)) {
          auto& [v, b, a] = s;
          v = multiply_add(keep, v, take * g * g);
          Register square = v;
          if (centered) {
            a = multiply_add(keep, a, take * g);
            square -= a * a;
          }
          b = multiply_add(m, b, r * g / sqrt(square + eps));
          p -= b;
        });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
