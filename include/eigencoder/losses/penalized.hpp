#pragma once

#include <concepts>
#include <eigencoder/core/target.hpp>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A penalty on a model's code h, the encoder's output. It is an aggregate with a `weight`, a `name` under which the
/// history reports it, and either
///
/// - `over_batch = false`:  weight sum_j p(h_j), averaged over the samples: value(h) = p(h), gradient(h) = p'(h); or
/// - `over_batch = true`:   weight sum_j p(m_j) of the unit's mean over the whole batch, m_j = 1/n sum_i h_ij:
///   value(m) = p(m), gradient(m) = p'(m), from which dL/dh_ij = weight p'(m_j) / n.
///
/// value and gradient take and give a Register or Pack.
template <class T>
concept CodePenalty = requires(const T penalty) {
  { T::name } -> std::convertible_to<std::string_view>;
  { T::over_batch } -> std::convertible_to<bool>;
  { penalty.weight } -> std::convertible_to<double>;
};

namespace detail {

template <class T>
concept IsLoss = requires { T::from_logits_of_sigmoid; };
template <class T>
concept IsPenalty = requires { T::over_batch; };

/// Whether a template's arguments have losses with penalties among them.
template <class T>
struct WrapsPenalties : std::false_type {};

}  // namespace detail

/// All penalties of a loss, a std::tuple, in the order in which they were added. A loss that is made of another one
/// has a member `penalties()` that passes that one's on.
template <class Loss>
[[nodiscard]] constexpr auto penalties_of(const Loss& loss) {
  if constexpr (requires { loss.penalties(); }) {
    return loss.penalties();
  } else {
    static_assert(!detail::WrapsPenalties<Loss>::value,
                  "loss: it is made of a loss with penalties but has no penalties() that passes them on; add them to "
                  "the outer loss instead");
    return std::tuple<>{};
  }
}

/// Whether a loss has penalties.
template <class Loss>
inline constexpr bool has_penalties = std::tuple_size_v<decltype(penalties_of(std::declval<const Loss&>()))> > 0;

namespace detail {

template <template <class...> class Wrapper, class... Inner>
struct WrapsPenalties<Wrapper<Inner...>> : std::bool_constant<([]<class T>(std::type_identity<T>) {
  if constexpr (IsLoss<T>) {
    return has_penalties<T>;
  } else {
    return false;
  }
}(std::type_identity<Inner>{}) || ...)> {};

}  // namespace detail

/// A loss plus a penalty on the code, and more of them by further sums:
/// `BinaryCrossentropy{} + KlSparsity{.rho = 0.05, .weight = 0.1} + L1Activity{.weight = 1e-4}`.
template <class Loss_, CodePenalty Penalty>
class Penalized : public Loss_ {
 public:
  constexpr Penalized(Loss_ loss, Penalty penalty) : Loss_(loss), penalty_(penalty) {}

  [[nodiscard]] constexpr auto penalties() const {
    return std::tuple_cat(penalties_of<Loss_>(*this), std::tuple<Penalty>(penalty_));
  }

 private:
  Penalty penalty_;
};

template <class Loss, class Penalty>
  requires(detail::IsLoss<Loss> || detail::IsPenalty<Loss>) && (detail::IsLoss<Penalty> || detail::IsPenalty<Penalty>)
constexpr auto operator+(Loss loss, Penalty penalty) {
  static_assert(detail::IsLoss<Loss> && detail::IsPenalty<Penalty>,
                "a sum of losses: it begins with the one loss, to which penalties are added, such as "
                "MeanSquaredError{} + L1Activity{} + KlSparsity{}");
  static_assert(!detail::IsPenalty<Penalty> || CodePenalty<Penalty>,
                "a penalty must have a name, a weight and over_batch; see CodePenalty");
  return Penalized<Loss, Penalty>(loss, penalty);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
