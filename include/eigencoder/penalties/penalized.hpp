#pragma once

#include <concepts>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/pack.hpp>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The protocol of penalties on a model's code h, the encoder's output. This one, complete, is weight sum_j h_j^2:
///
///     struct L2Activity {
///       double weight = 0.01;
///       static constexpr std::string_view name = "l2_activity";  // under which the history reports it
///       static constexpr bool over_batch = false;
///
///       template <class T>
///       T value(T h) const { return h * h; }
///       template <class T>
///       T gradient(T h) const { return h + h; }
///     };
///
/// - `over_batch = false`:  weight sum_j p(h_j), averaged over the samples: value(h) = p(h), gradient(h) = p'(h);
/// - `over_batch = true`:   weight sum_j p(m_j) of the unit's mean over the whole batch, m_j = 1/n sum_i h_ij:
///   value(m) = p(m), gradient(m) = p'(m), from which dL/dh_ij = weight p'(m_j) / n.
///
/// value and gradient take and give a Register or Pack. It may have a `check() const` that throws
/// std::invalid_argument.
namespace detail {

template <class P>
concept HasPenaltyFields = requires(const P penalty) {
  { P::name } -> std::convertible_to<std::string_view>;
  { P::over_batch } -> std::convertible_to<bool>;
  { penalty.weight } -> std::convertible_to<double>;
};
template <class P>
concept HasPenaltyFunctions = requires(const P penalty, AnyPack h) {
  { penalty.value(h) } -> std::same_as<AnyPack>;
  { penalty.gradient(h) } -> std::same_as<AnyPack>;
};

/// Refuses what is not a penalty by a sentence that names what it misses.
template <class P>
struct RequirePenalty {
  static_assert(HasPenaltyFields<P>,
                "penalty: `double weight`, `static constexpr std::string_view name` or `static constexpr bool "
                "over_batch` is missing; see penalties/penalized.hpp");
  static_assert(HasPenaltyFunctions<P>,
                "penalty: `template <class T> T value(T h) const` or `template <class T> T gradient(T h) const` is "
                "missing; see penalties/penalized.hpp");
};

}  // namespace detail

namespace concepts {

template <class P>
concept Penalty = detail::HasPenaltyFields<P> && detail::HasPenaltyFunctions<P>;

}  // namespace concepts

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
template <class Loss_, concepts::Penalty Penalty>
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
  requires(detail::IsLoss<Loss> || (detail::IsPenalty<Loss> && (detail::IsLoss<Penalty> || detail::IsPenalty<Penalty>)))
constexpr auto operator+(Loss loss, Penalty penalty) {
  static_assert(detail::IsLoss<Loss> && !detail::IsLoss<Penalty>,
                "a sum of losses: it begins with the one loss, to which penalties are added, such as "
                "MeanSquaredError{} + L1Activity{} + KlSparsity{}");
  if constexpr (concepts::Penalty<Penalty>) {
    return Penalized<Loss, Penalty>(loss, penalty);
  } else {
    if constexpr (!detail::IsLoss<Penalty>) (void)detail::RequirePenalty<Penalty>{};
    return loss;
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
