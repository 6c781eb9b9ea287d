#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/cells.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/padding.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// Cells to add or take at each side: 2 at all, Size{1, 2} above and below and left and right, or each by its name,
/// Border{.top = 1, .left = 0, .bottom = 2, .right = 0}.
template <auto Amount>
constexpr Border sides() {
  if constexpr (std::is_same_v<std::remove_cvref_t<decltype(Amount)>, Border>) {
    return Amount;
  } else {
    constexpr Size size = Amount;
    return {size.height, size.width, size.height, size.width};
  }
}

inline std::string border_details(Border sides) {
  return "top " + std::to_string(sides.top) + ", left " + std::to_string(sides.left) + ", bottom " +
         std::to_string(sides.bottom) + ", right " + std::to_string(sides.right);
}

}  // namespace detail

/// Rows and columns of zeros around an image: y(c, i + top, j + left) = x(c, i, j), elsewhere 0.
/// dx(c, i, j) = dy(c, i + top, j + left).
/// `Amount` is 2, Size{1, 2} or Border{.top = 1, .left = 0, .bottom = 2, .right = 0}.
/// Keras: ZeroPadding2D.
template <auto Amount>
struct ZeroPadding2D {
  static constexpr Border sides = detail::sides<Amount>();
  static_assert(sides.top >= 0 && sides.left >= 0 && sides.bottom >= 0 && sides.right >= 0,
                "ZeroPadding2D: the padding must not be negative; Cropping2D takes cells away");

  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "ZeroPadding2D";
    static constexpr Operation operation{.kind = Operation::Kind::padding, .sides = sides};
    static std::string details() { return detail::border_details(sides); }
    static constexpr Shape input = In;
    static constexpr Shape output{In.height + sides.top + sides.bottom, In.width + sides.left + sides.right,
                                  In.channels};

    template <class Scalar>
    using Single = kernels::channels::Rearrangement<Layer>;
    static constexpr kernels::channels::Source source(Index i, Index j) {
      const Index row = i - sides.top;
      const Index column = j - sides.left;
      const bool inside = row >= 0 && row < In.height && column >= 0 && column < In.width;
      return inside ? kernels::channels::Source{row, column} : kernels::channels::nowhere;
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      for_each_cell(output, [&](Index c, Index i, Index j) {
        const auto from = source(i, j);
        y(c, i, j) = from == kernels::channels::nowhere ? Pack(0) : x(c, from.row, from.column);
      });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted)
        for_each_cell(In, [&](Index c, Index i, Index j) { dx(c, i, j) = dy(c, i + sides.top, j + sides.left); });
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
