#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/zero_padding2d.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// An image without its outer rows and columns: y(c, i, j) = x(c, i + top, j + left).
/// dx(c, i + top, j + left) = dy(c, i, j), elsewhere 0.
/// `Amount` is 2, Size{1, 2} or Border{.top = 1, .left = 0, .bottom = 2, .right = 0}.
/// Keras: Cropping2D.
template <auto Amount>
struct Cropping2D {
  static constexpr Border sides = detail::sides<Amount>();
  static_assert(sides.top >= 0 && sides.left >= 0 && sides.bottom >= 0 && sides.right >= 0,
                "Cropping2D: the cropping must not be negative; ZeroPadding2D adds cells");

  template <Shape In>
  struct Layer : Stateless {
    static_assert(sides.top + sides.bottom < In.height && sides.left + sides.right < In.width,
                  "Cropping2D: the cropping leaves nothing of the input");

    static constexpr std::string_view name = "Cropping2D";
    static constexpr Operation operation{.kind = Operation::Kind::cropping, .sides = sides};
    static std::string details() { return detail::border_details(sides); }
    static constexpr bool keeps_range = true;
    static constexpr Shape input = In;
    static constexpr Shape output{In.height - sides.top - sides.bottom, In.width - sides.left - sides.right,
                                  In.channels};

    template <class Scalar>
    using Single = kernels::channels::Rearrangement<Layer>;
    static constexpr kernels::channels::Source source(Index i, Index j) { return {i + sides.top, j + sides.left}; }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      for_each_cell(output, [&](Index c, Index i, Index j) { y(c, i, j) = x(c, i + sides.top, j + sides.left); });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted) {
        for_each_cell(In, [&](Index c, Index i, Index j) {
          const Index row = i - sides.top;
          const Index column = j - sides.left;
          const bool inside = row >= 0 && row < output.height && column >= 0 && column < output.width;
          dx(c, i, j) = inside ? dy(c, row, column) : Pack(0);
        });
      }
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
