#pragma once

#include <concepts>
#include <eigencoder/core/target.hpp>
#include <string_view>
#include <type_traits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A penalty on a model's code h, the encoder's output. It is an aggregate with a `weight` and either
///
/// - `over_batch = false`:  weight sum_j p(h_j), averaged over the samples: value(h) = p(h), gradient(h) = p'(h); or
/// - `over_batch = true`:   weight sum_j p(m_j) of the unit's mean over the whole batch, m_j = 1/n sum_i h_ij:
/// value(m),
///   gradient(m) = p'(m), from which dL/dh_ij = weight p'(m_j) / n.
///
/// value and gradient take and give a Register or Pack.
template <class T>
concept CodePenalty = requires(const T penalty) {
  { T::over_batch } -> std::convertible_to<bool>;
  { penalty.weight } -> std::convertible_to<double>;
};

/// A loss of the reconstruction plus a penalty on the code: `BinaryCrossentropy{} + KlSparsity{.rho = 0.05, .weight =
/// 0.1}`.
template <class Loss_, CodePenalty Penalty_>
struct Penalized : Loss_ {
  using Loss = Loss_;
  using Penalty = Penalty_;

  Penalty penalty;

  constexpr Penalized(Loss loss, Penalty p) : Loss(loss), penalty(p) {}
};

template <class Loss, CodePenalty Penalty>
  requires requires { Loss::from_logits_of_sigmoid; }
constexpr Penalized<Loss, Penalty> operator+(Loss loss, Penalty penalty) {
  return {loss, penalty};
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
