#pragma once

#include <concepts>
#include <eigencoder/core/range.hpp>
#include <eigencoder/core/sink.hpp>
#include <eigencoder/core/target.hpp>
#include <string_view>

/// What a loss may say of itself, besides `evaluate`, `name` and `from_logits_of_sigmoid` (see losses/elementwise.hpp).
namespace eigencoder::inline EIGENCODER_TARGET {

/// Targets may be NaN: such a value is missing, and the loss does not look at it.
template <class Loss>
concept AcceptsMissing = requires { requires Loss::accepts_missing; };

/// The loss is a variational bound, so more than a mean over features.
template <class Loss>
concept IsLowerBound = requires { requires Loss::is_lower_bound; };

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
