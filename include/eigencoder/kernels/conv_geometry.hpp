#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/feature_map.hpp>
#include <numeric>

/// Which cells of two feature maps a convolution couples.
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// One axis of a convolution between a fine map and a coarse one, `stride` times smaller: position p of the coarse map
/// and tap k of the kernel meet position `stride p + dilation k - padding` of the fine map.
///
/// Conv2D goes from the fine map to the coarse one and its data gradient comes back; Conv2DTranspose goes from the
/// coarse map to the fine one. So both layers, forward and backward, are two directions of one relation.
struct Axis {
  Index kernel = 1;
  Index stride = 1;
  Index dilation = 1;
  Index padding = 0;

  constexpr bool operator==(const Axis&) const = default;
};

struct Geometry {
  Axis rows;
  Axis columns;

  [[nodiscard]] constexpr Index taps() const { return rows.kernel * columns.kernel; }
  constexpr bool operator==(const Geometry&) const = default;
};

/// An axis seen from its outputs: which inputs an output sums, and through which taps. An output v may stand for any
/// position `n v0 + v`, where n is a multiple of `period()`; its inputs are then counted from input position
/// `advance(n) v0`.
struct Reach {
  Axis axis;
  /// False: the outputs are the coarse map (a convolution). True: they are the fine one (the transpose).
  bool transposed = false;

  /// Outputs so far apart use the same taps. A transpose's outputs fall into `stride` *phases*, each with taps of its
  /// own: every one is a small convolution without stride, hence no zeros need to be stuffed between the inputs.
  [[nodiscard]] constexpr Index period() const { return transposed ? axis.stride : 1; }
  /// Input positions from one output to the `outputs`-th after it.
  [[nodiscard]] constexpr Index advance(Index outputs) const {
    return transposed ? outputs / axis.stride : outputs * axis.stride;
  }
  /// True if output v uses tap k.
  [[nodiscard]] constexpr bool uses(Index v, Index k) const {
    return !transposed || (v + axis.padding - axis.dilation * k) % axis.stride == 0;
  }
  /// The input that output v sees through tap k, which it uses.
  [[nodiscard]] constexpr Index input(Index v, Index k) const {
    return transposed ? (v + axis.padding - axis.dilation * k) / axis.stride
                      : axis.stride * v + axis.dilation * k - axis.padding;
  }
  /// The tap through which output v sees an input; -1 if none.
  [[nodiscard]] constexpr Index tap(Index v, Index in) const {
    const Index distance = transposed ? v + axis.padding - axis.stride * in : in + axis.padding - axis.stride * v;
    if (distance % axis.dilation != 0 || distance < 0 || distance / axis.dilation >= axis.kernel) return -1;
    return distance / axis.dilation;
  }

  /// The taps that output v uses: first_tap, first_tap + tap_step, ...; tap_count of them.
  [[nodiscard]] constexpr Index first_tap(Index v) const {
    Index k = 0;
    while (k < axis.kernel && !uses(v, k)) ++k;
    return k;
  }
  [[nodiscard]] constexpr Index tap_step() const {
    return transposed ? axis.stride / std::gcd(axis.stride, axis.dilation) : 1;
  }
  [[nodiscard]] constexpr Index tap_count(Index v) const {
    const Index first = first_tap(v);
    return first == axis.kernel ? 0 : (axis.kernel - 1 - first) / tap_step() + 1;
  }

  /// The first and the last input that outputs 0 ... outputs - 1 see; (0, -1) if none does.
  struct Range {
    Index first = 0;
    Index last = -1;
    [[nodiscard]] constexpr Index size() const { return last - first + 1; }
  };
  [[nodiscard]] constexpr Range inputs(Index outputs) const {
    Range range;
    bool empty = true;
    for (Index v = 0; v < outputs; ++v)
      for (Index k = 0; k < axis.kernel; ++k) {
        if (!uses(v, k)) continue;
        const Index in = input(v, k);
        range = empty ? Range{in, in} : Range{std::min(range.first, in), std::max(range.last, in)};
        empty = false;
      }
    return range;
  }

  constexpr bool operator==(const Reach&) const = default;
};

/// The ring of zeros around the input that outputs of shape `out` read.
constexpr Border border_of(Reach rows, Reach columns, Shape in, Shape out) {
  const Reach::Range r = rows.inputs(out.height);
  const Reach::Range c = columns.inputs(out.width);
  return {std::max<Index>(0, -r.first), std::max<Index>(0, -c.first), std::max<Index>(0, r.last - (in.height - 1)),
          std::max<Index>(0, c.last - (in.width - 1))};
}

/// The ring that `convolve` reads around the fine map.
constexpr Border fine_border(Geometry g, Shape fine, Shape coarse) {
  return border_of({g.rows, false}, {g.columns, false}, fine, coarse);
}
/// The ring that `convolve_transposed` reads around the coarse map.
constexpr Border coarse_border(Geometry g, Shape fine, Shape coarse) {
  return border_of({g.rows, true}, {g.columns, true}, coarse, fine);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
