#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/adam.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Adam with decoupled weight decay: first p -= r weight_decay p, then Adam's step, which does not see the decay.
/// Source: Loshchilov, Hutter, "Decoupled weight decay regularization", 2019. Keras: AdamW.
struct AdamW {
  LearningRate learning_rate = 1e-3;
  double weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  /// At most one of: the largest norm of each tensor's gradient, the largest of its values, the largest norm of all.
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  static constexpr std::string_view name = "AdamW";
  /// Arrays of the parameters' size that this optimiser keeps between steps; they start as zeros.
  static constexpr int slots = 2;

  /// Throws std::invalid_argument, naming the field, its value and what was expected.
  void check() const {
    detail::check_common(*this);
    detail::require(weight_decay >= 0 && weight_decay < 1, name, "weight_decay", weight_decay, "in [0, 1)");
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
    const Register kept = all(1 - rate * weight_decay);
    for_each_register(
        parameters, gradient,
        std::array<std::span<Scalar>, 0>{}, [&](Register & p, Register, auto&) __attribute__((always_inline)) {
          p *= kept;
        });
    Adam{.beta_1 = beta_1, .beta_2 = beta_2, .epsilon = epsilon}.update(parameters, gradient, state, rate, step);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
