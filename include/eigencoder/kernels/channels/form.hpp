#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/channel_layout.hpp>
#include <eigencoder/simd/vector.hpp>

/// The second layout: one sample at a time, its channels as lanes.
///
/// A layer's *form* in it is a type of static functions, named by the layer's member `template <class Scalar> using
/// Single`. It reads a map of the input and writes one of the output, through the layer's activation f:
///
///     template <ChannelLayout X, ChannelLayout Y, auto f>
///     static void run(const Scalar* x, const Call<Scalar>& call, Scalar* y);
///
/// What a form may hide is in `StatelessForm`. Every one has a naive twin in its test: the layer in the first layout.
namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels {

/// What a form gets besides the maps.
template <class Scalar>
struct Call {
  /// What `pack` made of the parameters.
  const Scalar* panel;
  /// `memory_size` scalars of the workspace, on a cache line.
  Scalar* memory;
  /// The sample's label; -1 if it has none.
  int label;
};

struct StatelessForm {
  /// The zeros around the input that `run` reads.
  static constexpr Border border{};
  /// Whether the output is the input under another shape, so that nothing needs to be done where both lie alike.
  static constexpr bool is_view = false;
  static constexpr Index panel_size = 0;
  static constexpr Index memory_size = 0;

  /// Copies a layer's parameters to where `run` wants them.
  template <class Scalar>
  static void pack(const Scalar*, Scalar*) {}
};

/// Scalars in whole cache lines.
template <class Scalar>
constexpr Index whole_lines(Index scalars) {
  constexpr auto line = static_cast<Index>(simd::alignment / sizeof(Scalar));
  return (scalars + line - 1) / line * line;
}

/// Sums that a tile may keep in registers; the others are for operands.
inline constexpr int accumulators = simd::register_count == 32 ? 28 : 12;

/// f.value of the lanes of a vector.
template <class Scalar, int Lanes, auto f>
[[gnu::always_inline]] inline simd::Vector<Scalar, Lanes> activate(simd::Vector<Scalar, Lanes> v) {
  return simd::apply<Scalar, Lanes>([](auto z) __attribute__((always_inline)) { return f.value(z); }, v);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels
