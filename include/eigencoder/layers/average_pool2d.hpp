#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/pooling.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Average pooling: y(c, i, j) = 1/n(i, j) sum over u, v < Pool of x(c, s i + u - p, s j + v - p), with stride s (by
/// default the pool's size) and padding p; n counts the window's real cells, not those beyond the border.
///
/// dx(c, cell) = sum of dy(c, i, j) / n(i, j) over the windows with that cell.
/// `Pool` is 2 or Size{2, 3}. Options: `same` or `valid`, stride(...).
/// Keras: AveragePooling2D.
template <auto Pool, auto... Options>
struct AveragePool2D {
  static_assert(options::known<PaddingOption, StrideOption>(Options...),
                "AveragePool2D: an option is none of: same, valid, stride(...)");
  static_assert(options::unique<PaddingOption, StrideOption>(Options...),
                "AveragePool2D: an option of the same kind is given twice");

  static constexpr Size pool_size = Pool;
  static constexpr Size strides = options::find<StrideOption, StrideOption{pool_size}, Options...>.size;
  static constexpr PaddingOption padding = options::find<PaddingOption, valid, Options...>;
  static_assert(pool_size.height > 0 && pool_size.width > 0, "AveragePool2D: the pool must have at least 1 x 1 cells");
  static_assert(strides.height > 0 && strides.width > 0, "AveragePool2D: a stride must be at least 1");

  template <Shape In>
  struct Layer : Stateless {
    using Windows = detail::Pooling<In, pool_size, strides, padding>;
    static_assert(Windows::output.is_valid(),
                  "AveragePool2D: the pool is larger than the input; nothing is left of it");

    static constexpr std::string_view name = "AveragePool2D";
    static constexpr Operation operation{Operation::Kind::average, Windows::row_axis, Windows::column_axis};
    static std::string details() { return detail::window_details(pool_size, strides, padding); }
    static constexpr bool keeps_range = true;
    static constexpr Shape input = In;
    static constexpr Shape output = Windows::output;
    template <class Scalar>
    using Single = kernels::channels::Pool<Scalar, Windows, false>;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      for_each_cell(output, [&](Index c, Index i, Index j) {
        Pack total(0);
        Windows::for_each_cell(
            i, j, [&](int, Index row, Index column) __attribute__((always_inline)) { total += x(c, row, column); });
        y(c, i, j) = total * share<Pack>(i, j);
      });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted) {
        Windows::template spread<Pack>(
            dx, [&](int, Index c, Index i, Index j)
                    __attribute__((always_inline)) { return dy(c, i, j) * share<Pack>(i, j); });
      }
    }

   private:
    /// 1 / n(i, j).
    template <class Pack>
    [[gnu::always_inline]] static Pack share(Index i, Index j) {
      return Pack(typename Pack::Scalar(1) / static_cast<typename Pack::Scalar>(Windows::count(i, j)));
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
