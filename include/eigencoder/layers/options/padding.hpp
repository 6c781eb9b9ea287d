#pragma once

#include <algorithm>
#include <eigencoder/core/options.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Rows and columns: of a kernel, a pool, a scale. `3` stands for `Size{3, 3}`.
struct Size {
  Index height = 1;
  Index width = 1;

  constexpr explicit(false) Size(Index n) : height(n), width(n) {}
  constexpr Size(Index h, Index w) : height(h), width(w) {}
  constexpr bool operator==(const Size&) const = default;
};

/// "3 x 5".
[[nodiscard]] inline std::string to_string(const Size& size) {
  std::string text = std::to_string(size.height);
  text += " x ";
  return text += std::to_string(size.width);
}

/// Option: what a window finds beyond the border. `valid`: it never gets there. `same`: zeros, so many that the output
/// has 1 / stride of the input's size, rounded up; where their number is odd, the one more is below and to the right.
struct PaddingOption {
  bool same = false;
};
inline constexpr PaddingOption valid{false};
inline constexpr PaddingOption same{true};

/// Option: cells from one window to the next, `stride(2)` or `stride(2, 1)` (rows, columns).
struct StrideOption {
  Size size = 1;
};
constexpr StrideOption stride(Index n) { return {Size(n)}; }
constexpr StrideOption stride(Index rows, Index columns) { return {Size(rows, columns)}; }

/// Option: cells from one tap of a kernel to the next, `dilation(2)` or `dilation(2, 1)`.
struct DilationOption {
  Size size = 1;
};
constexpr DilationOption dilation(Index n) { return {Size(n)}; }
constexpr DilationOption dilation(Index rows, Index columns) { return {Size(rows, columns)}; }

namespace detail {

/// One axis of a window that slides over an input.
struct Slide {
  /// Positions of the window; 0 if it does not fit.
  Index output;
  /// Cells that its first position lies before the input.
  Index padding;
};

/// "3 x 3, stride 2 x 2, same": a layer's details.
inline std::string window_details(Size window, Size stride, PaddingOption padding, Size dilation = 1) {
  std::string text = to_string(window) + ", stride " + to_string(stride);
  if (dilation != Size(1)) text += ", dilation " + to_string(dilation);
  return text + (padding.same ? ", same" : ", valid");
}

constexpr Slide slide(Index input, Index window, Index stride, PaddingOption option) {
  if (option.same) {
    const Index output = (input + stride - 1) / stride;
    return {output, std::max<Index>(0, (output - 1) * stride + window - input) / 2};
  }
  return {input < window ? 0 : (input - window) / stride + 1, 0};
}

}  // namespace detail

}  // namespace eigencoder::inline EIGENCODER_TARGET
