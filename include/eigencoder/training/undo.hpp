#pragma once

#include <algorithm>
#include <array>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/buffer.hpp>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// Whether an optimiser's `update` may throw. The library's own may not.
template <class Optimizer, class Scalar>
inline constexpr bool update_may_throw = !noexcept(std::declval<const Optimizer&>().template update<Scalar>(
    std::span<Scalar>(), std::span<const Scalar>(),
    std::array<std::span<Scalar>, static_cast<std::size_t>(Optimizer::slots)>(), double{}, Index{}));

/// Takes a step back if the optimiser throws in the midst of it; for optimisers that do not throw, nothing.
template <class Scalar, bool Needed>
class Undo {
 public:
  Undo(std::size_t, std::size_t) {}
  void keep(std::span<const Scalar>, std::span<const Scalar>, std::size_t, std::size_t) {}
  void restore(std::span<Scalar>, std::span<Scalar>) const {}
};

/// Otherwise every step begins with a copy of what it will change: the parameters, and the state, `slots` arrays of
/// their size.
template <class Scalar>
class Undo<Scalar, true> {
 public:
  Undo(std::size_t parameters, std::size_t state) : parameters_(parameters), state_(state) {}

  /// Keeps the parameters first ... first + count - 1 and their state.
  void keep(std::span<const Scalar> parameters, std::span<const Scalar> state, std::size_t first, std::size_t count) {
    const auto copy = [&](std::span<const Scalar> from, std::span<Scalar> to, std::size_t start) {
      std::ranges::copy(from.subspan(start, count), to.subspan(start).begin());
    };
    copy(parameters, parameters_, first);
    for (std::size_t slot = 0; slot < state.size(); slot += parameters.size()) copy(state, state_, slot + first);
  }

  void restore(std::span<Scalar> parameters, std::span<Scalar> state) const {
    std::ranges::copy(parameters_, parameters.begin());
    std::ranges::copy(state_, state.begin());
  }

 private:
  Buffer<Scalar> parameters_;
  Buffer<Scalar> state_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
