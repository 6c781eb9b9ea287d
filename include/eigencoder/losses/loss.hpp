#pragma once

#include <concepts>
#include <eigencoder/core/range.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/sink.hpp>
#include <string_view>

/// The protocol of losses. This one, complete, is l(y, t) = (y - t)^4, averaged over the features:
///
///     struct QuarticError {
///       static constexpr std::string_view name = "quartic_error";
///       // Whether it rather takes the logits of a model that ends in a sigmoid; then evaluate<true> gets these.
///       static constexpr bool from_logits_of_sigmoid = false;
///
///       // Returns each sample's loss. Where it is wanted, writes dy = weight dl/dy, each cell once: `weight` is what
///       // each sample counts for in the batch. The lanes of a Pack are samples.
///       template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
///       Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> t, Pack weight, DY dy) const {
///         // For what is a mean over features there is a loop: of the value and the derivative at one of them.
///         return mean_over_features(y, t, weight, dy, [](auto a, auto b) -> ElementLoss<decltype(a)> {
///           const auto error = a - b;
///           return {error * error * error * error, decltype(a)(4) * error * error * error};
///         });
///       }
///     };
///
/// It may have a `check(const Shape& output) const` that throws std::invalid_argument, and say what is below.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

template <class L>
concept HasLogits = requires {
  { L::from_logits_of_sigmoid } -> std::convertible_to<bool>;
};
template <class L, bool Logits>
concept HasEvaluate = requires(const L& loss, FeatureMap<const AnyPack, Layout{Shape{1}}> y, AnyPack weight,
                               NoSink<AnyPack, Layout{Shape{1}}> dy) {
  { loss.template evaluate<Logits>(y, y, weight, dy) } -> std::same_as<AnyPack>;
};

/// Refuses what is not a loss by a sentence that names what it misses.
template <class L>
struct RequireLoss {
  static_assert(HasLogits<L>,
                "loss: `static constexpr bool from_logits_of_sigmoid` is missing; a loss is such as "
                "MeanSquaredError{}, or a type of your own as in losses/loss.hpp");
  static_assert(!HasLogits<L> || HasEvaluate<L, false>,
                "loss: `template <bool Logits, class Pack, Layout Y, Layout T, class DY> Pack "
                "evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const` is "
                "missing; see losses/loss.hpp");
};

}  // namespace detail

namespace concepts {

template <class L>
concept Loss = detail::HasLogits<L> && detail::HasEvaluate<L, false>;

}  // namespace concepts

/// Targets may be NaN: such a value is missing, and the loss does not look at it.
template <class Loss>
concept AcceptsMissing = requires { requires Loss::accepts_missing; };

/// The loss is a variational bound, so more than a mean over features.
template <class Loss>
concept IsLowerBound = requires { requires Loss::is_lower_bound; };

/// What the model gives are the numbers of its input's distribution, so the input is the target though it is of another
/// shape than the output.
template <class Loss>
concept DescribesInput = requires { requires Loss::describes_input; };

/// Where a loss is defined: outputs and targets must lie there.
template <class Loss>
inline constexpr Range domain_of = [] {
  if constexpr (requires { Loss::domain; }) {
    return Range(Loss::domain);
  } else {
    return Range{};
  }
}();

/// Throws the std::invalid_argument of a loss that has a check(shape of the model's output) and whose numbers are out
/// of their range or do not fit that shape.
template <class Loss>
void check_loss(const Loss& loss, const Shape& output) {
  if constexpr (requires { loss.check(output); }) loss.check(output);
}

namespace detail {

/// A loss's gradient at one cell, into a cell of a map's.
template <class DY>
struct CellSink {
  static constexpr bool wanted = DY::wanted;

  DY dy;
  Index c, i, j;

  template <class Register>
  [[gnu::always_inline]] void store(Index, Index, Index, int r, Register value) const {
    if constexpr (wanted) dy.store(c, i, j, r, value);
  }
};

/// A loss that is a mean over features, at one of them.
template <bool Logits, class Loss, class Pack, class DY>
[[nodiscard, gnu::always_inline]] inline Pack evaluate_cell(const Loss& loss, const Pack& y, const Pack& target,
                                                            Pack weight, CellSink<DY> dy) {
  using Map = FeatureMap<const Pack, Layout{Shape{1}}>;
  return loss.template evaluate<Logits>(Map(&y), Map(&target), weight, dy);
}

}  // namespace detail

}  // namespace eigencoder::inline EIGENCODER_TARGET
