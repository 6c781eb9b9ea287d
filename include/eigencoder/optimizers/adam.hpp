#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/for_each_register.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Adam, in the t-th step (from 1) with learning rate r and gradient g:
///   m += (1 - beta_1) (g - m),   v += (1 - beta_2) (g^2 - v),
///   p -= r sqrt(1 - beta_2^t) / (1 - beta_1^t)  m / (sqrt(v) + epsilon).
/// Source: Kingma, Ba, "Adam: a method for stochastic optimization", 2015, in the order of its section 2, as in Keras:
/// Adam.
struct Adam {
  LearningRate learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  /// At most one of: the largest norm of each tensor's gradient, the largest of its values, the largest norm of all.
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  static constexpr std::string_view name = "Adam";
  /// Arrays of the parameters' size that this optimiser keeps between steps; they start as zeros.
  static constexpr int slots = 2;

  /// Throws std::invalid_argument, naming the field, its value and what was expected.
  void check() const {
    detail::check_common(*this);
    detail::require_fraction(name, "beta_1", beta_1);
    detail::require_fraction(name, "beta_2", beta_2);
    detail::require_positive(name, "epsilon", epsilon);
  }

  /// One step of some of the parameters; `step` counts from 1 and is one for all parameters.
  template <class Scalar>
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
              std::array<std::span<Scalar>, slots> state, double rate, Index step) const noexcept {
    using Register = eigencoder::Register<Scalar>;
    const double t = static_cast<double>(step);
    const double corrected = rate * std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
    const Register minus_alpha(static_cast<Scalar>(-corrected)), eps(static_cast<Scalar>(epsilon));
    const Register one_minus_beta_1(static_cast<Scalar>(1 - beta_1)), one_minus_beta_2(static_cast<Scalar>(1 - beta_2));
    for_each_register(
        parameters, gradient, state, [&](Register & p, Register g, auto& s) __attribute__((always_inline)) {
          auto& [m, v] = s;
          m = multiply_add(one_minus_beta_1, g - m, m);
          v = multiply_add(one_minus_beta_2, multiply_add(g, g, -v), v);
          p = multiply_add(minus_alpha, m / (sqrt(v) + eps), p);
        });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
