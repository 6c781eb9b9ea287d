#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Sparsity of each unit's mean activation m over the whole batch, for codes in (0, 1) such as a sigmoid's:
///   weight sum_j KL(rho || m_j),   KL(rho || m) = rho log(rho / m) + (1 - rho) log((1 - rho) / (1 - m)),
///   dKL/dm = (m - rho) / (m (1 - m)).
/// m is clipped to [1e-7, 1 - 1e-7], outside of which the gradient is 0. Use: `MeanSquaredError{} + KlSparsity{.rho =
/// 0.05}`. Source: Ng, "Sparse autoencoder", CS294A lecture notes, 2011.
struct KlSparsity {
  double rho = 0.05;
  double weight = 1;

  static constexpr std::string_view name = "kl_sparsity";
  static constexpr bool over_batch = true;

  /// Throws std::invalid_argument, naming the field, its value and what was expected.
  void check() const {
    if (!(rho > 0 && rho < 1))
      throw std::invalid_argument("KlSparsity: rho is " + std::to_string(rho) + ", but must be in (0, 1)");
    if (!(weight >= 0 && weight < std::numeric_limits<double>::infinity()))
      throw std::invalid_argument("KlSparsity: weight is " + std::to_string(weight) +
                                  ", but must be a finite number >= 0");
  }

  template <class T>
  [[nodiscard]] T value(T m) const {
    const T p = clipped(m);
    const T constants = detail::constant<T>(rho * std::log(rho) + (1 - rho) * std::log(1 - rho));
    return constants - detail::constant<T>(rho) * log(p) - detail::constant<T>(1 - rho) * log(T(1) - p);
  }
  template <class T>
  [[nodiscard]] T gradient(T m) const {
    const T p = clipped(m);
    return keep(m == p, (p - detail::constant<T>(rho)) / (p * (T(1) - p)));
  }

 private:
  template <class T>
  static T clipped(T m) {
    return min(max(m, detail::constant<T>(1e-7)), detail::constant<T>(1 - 1e-7));
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
