#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/elementary.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Option of layers with a kernel w: what it adds to the loss in training,
///   l1 sum |w| + l2 sum w^2,   derivative l1 sign(w) + 2 l2 w   (sign(0) = 0),
/// once a step, whatever the batch. The bias is free. `Dense<32, relu, l2(1e-4)>`. Keras: kernel_regularizer.
struct KernelRegularizer {
  double l1 = 0;
  double l2 = 0;

  [[nodiscard]] constexpr bool is_none() const { return l1 == 0 && l2 == 0; }
  [[nodiscard]] constexpr bool is_valid() const { return l1 >= 0 && l2 >= 0 && l1 + l2 < HUGE_VAL; }

  /// Of weights in an Eigen array.
  template <class Array>
  [[nodiscard]] double value(const Array& w) const {
    return l1 * static_cast<double>(w.abs().sum()) + l2 * static_cast<double>(w.square().sum());
  }
  /// The derivative by each of a register of weights.
  template <class Register>
  [[nodiscard, gnu::always_inline]] Register gradient(Register w) const {
    const Register slope = detail::constant<Register>(l1);
    const Register sign_part = keep(w > Register(0), slope) - keep(w < Register(0), slope);
    return multiply_add(w, detail::constant<Register>(2 * l2), sign_part);
  }
};

/// Keras: L1.
constexpr KernelRegularizer l1(double weight = 0.01) { return {.l1 = weight}; }
/// Keras: L2.
constexpr KernelRegularizer l2(double weight = 0.01) { return {.l2 = weight}; }
/// Keras: L1L2.
constexpr KernelRegularizer l1_l2(double l1_weight = 0.01, double l2_weight = 0.01) { return {l1_weight, l2_weight}; }

}  // namespace eigencoder::inline EIGENCODER_TARGET
