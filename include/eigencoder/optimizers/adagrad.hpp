#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/for_each_register.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Adagrad, with learning rate r and gradient g:  v += g^2,   p -= r g / sqrt(v + epsilon),   v starting at
/// initial_accumulator_value.
/// Source: Duchi, Hazan, Singer, "Adaptive subgradient methods", 2011. Keras: Adagrad.
struct Adagrad {
  LearningRate learning_rate = 1e-3;
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  /// At most one of: the largest norm of each tensor's gradient, the largest of its values, the largest norm of all.
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  static constexpr std::string_view name = "Adagrad";
  /// Arrays of the parameters' size that this optimiser keeps between steps; they start as zeros.
  static constexpr int slots = 1;

  /// Throws std::invalid_argument, naming the field, its value and what was expected.
  void check() const {
    detail::check_common(*this);
    detail::require(
        initial_accumulator_value >= 0 && initial_accumulator_value < std::numeric_limits<double>::infinity(), name,
        "initial_accumulator_value", initial_accumulator_value, "a finite number >= 0");
    detail::require_positive(name, "epsilon", epsilon);
  }

  /// One step of some of the parameters; `step` counts from 1 and is one for all parameters.
  template <class Scalar>
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
              std::array<std::span<Scalar>, slots> state, double rate, Index) const noexcept {
    using Register = eigencoder::Register<Scalar>;
    const auto all = [](double value) { return Register(static_cast<Scalar>(value)); };
    // The state starts as zeros: it holds v without its initial value.
    const Register added = all(initial_accumulator_value + epsilon), r = all(rate);
    for_each_register(
        parameters, gradient, state, [&](Register & p, Register g, auto& s) __attribute__((always_inline)) {
          s[0] = multiply_add(g, g, s[0]);
          p -= r * g / sqrt(s[0] + added);
        });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
