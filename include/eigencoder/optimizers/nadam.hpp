#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/for_each_register.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Nadam, Adam with Nesterov's look-ahead, in the t-th step (from 1) with learning rate r and gradient g:
///   m += (1 - beta_1) (g - m),   v += (1 - beta_2) (g^2 - v),
///   n = u(t + 1) m / (1 - U(t + 1)) + (1 - u(t)) g / (1 - U(t)),   p -= r n / (sqrt(v / (1 - beta_2^t)) + epsilon),
/// with the momentum's schedule u(t) = beta_1 (1 - 0.96^t / 2) and its product U(t) = u(1) u(2) ... u(t).
/// Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016. Keras: Nadam.
struct Nadam {
  LearningRate learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  /// At most one of: the largest norm of each tensor's gradient, the largest of its values, the largest norm of all.
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  static constexpr std::string_view name = "Nadam";
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
    const double now = momentum(step), next = momentum(step + 1);
    const double product = momentum_product(step);
    const Register take_1 = all(1 - beta_1), take_2 = all(1 - beta_2), eps = all(epsilon);
    const Register m_share = all(rate * next / (1 - product * next)), g_share = all(rate * (1 - now) / (1 - product));
    const Register v_share = all(1 / (1 - std::pow(beta_2, static_cast<double>(step))));
    for_each_register(
        parameters, gradient, state, [&](Register & p, Register g, auto& s) __attribute__((always_inline)) {
          auto& [m, v] = s;
          m = multiply_add(take_1, g - m, m);
          v = multiply_add(take_2, multiply_add(g, g, -v), v);
          p -= multiply_add(m_share, m, g_share * g) / (sqrt(v * v_share) + eps);
        });
  }

 private:
  [[nodiscard]] double momentum(Index t) const { return beta_1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t))); }
  /// U(t), a function of t alone, so that there is no state besides the slots; once it is nothing beside 1 it may stay
  /// so.
  [[nodiscard]] double momentum_product(Index t) const {
    double product = 1, decay = 1;
    for (Index k = 1; k <= t && product > 1e-18; ++k) product *= beta_1 * (1 - 0.5 * (decay *= 0.96));
    return product;
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
