#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/for_each_register.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Adamax, Adam with the infinity norm, in the t-th step (from 1) with learning rate r and gradient g:
///   m += (1 - beta_1) (g - m),   u = max(beta_2 u, |g|),   p -= r / (1 - beta_1^t)  m / (u + epsilon).
/// Source: Kingma, Ba, "Adam: a method for stochastic optimization", 2015, section 7.1. Keras: Adamax.
struct Adamax {
  LearningRate learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  /// At most one of: the largest norm of each tensor's gradient, the largest of its values, the largest norm of all.
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  static constexpr std::string_view name = "Adamax";
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
    const auto all = [](double value) { return Register(static_cast<Scalar>(value)); };
    const Register take = all(1 - beta_1), keep = all(beta_2), eps = all(epsilon);
    const Register minus_alpha = all(-rate / (1 - std::pow(beta_1, static_cast<double>(step))));
    for_each_register(
        parameters, gradient, state, [&](Register & p, Register g, auto& s) __attribute__((always_inline)) {
          auto& [m, u] = s;
          m = multiply_add(take, g - m, m);
          u = max(keep * u, abs(g));
          p = multiply_add(minus_alpha, m / (u + eps), p);
        });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
