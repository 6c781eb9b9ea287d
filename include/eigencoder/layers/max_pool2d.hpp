#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/pooling.hpp>
#include <limits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Maximum pooling: y(c, i, j) = max over u, v < Pool of x(c, s i + u - p, s j + v - p), with stride s (by default the
/// pool's size) and padding p; cells beyond the border do not count. NaN if any of the cells is.
///
/// dx(c, cell) = sum of dy(c, i, j) over the windows whose maximum is that cell. Of equal cells the first counts, in
/// row-major order, as in Keras.
/// `Pool` is 2 or Size{2, 3}. Options: `same` or `valid`, stride(...).
/// Keras: MaxPooling2D.
template <auto Pool, auto... Options>
struct MaxPool2D {
  static_assert(options::known<PaddingOption, StrideOption>(Options...),
                "MaxPool2D: an option is none of: same, valid, stride(...)");
  static_assert(options::unique<PaddingOption, StrideOption>(Options...),
                "MaxPool2D: an option of the same kind is given twice");

  static constexpr Size pool_size = Pool;
  static constexpr Size strides = options::find<StrideOption, StrideOption{pool_size}, Options...>.size;
  static constexpr PaddingOption padding = options::find<PaddingOption, valid, Options...>;
  static_assert(pool_size.height > 0 && pool_size.width > 0, "MaxPool2D: the pool must have at least 1 x 1 cells");
  static_assert(strides.height > 0 && strides.width > 0, "MaxPool2D: a stride must be at least 1");

  template <Shape In>
  struct Layer : Stateless {
    using Windows = detail::Pooling<In, pool_size, strides, padding>;
    static_assert(Windows::output.is_valid(), "MaxPool2D: the pool is larger than the input; nothing is left of it");

    static constexpr std::string_view name = "MaxPool2D";
    static constexpr Operation operation{Operation::Kind::maximum, Windows::row_axis, Windows::column_axis};
    static std::string details() { return detail::window_details(pool_size, strides, padding); }
    static constexpr bool keeps_range = true;
    static constexpr Size pool = pool_size;
    static constexpr Shape input = In;
    static constexpr Shape output = Windows::output;
    template <class Scalar>
    using Single = kernels::channels::Pool<Scalar, Windows, true>;

    /// Where in its window each maximum is, counted in row-major order.
    template <class Pack>
    static constexpr Index cache_size = output.size();

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      using Scalar = typename Pack::Scalar;
      Pack* first = a.cache;
      for_each_cell(output, [&](Index c, Index i, Index j) {
        Pack best(-std::numeric_limits<Scalar>::infinity());
        Pack argmax(Scalar(0));
        Windows::for_each_cell(
            i, j, [&](int k, Index row, Index column) __attribute__((always_inline)) {
              const Pack value = x(c, row, column);
              const Pack wins = either(best < value, is_nan(value));
              argmax = select(wins, Pack(static_cast<Scalar>(k)), argmax);
              best = select(wins, value, best);
            });
        *first++ = argmax;
        y(c, i, j) = best;
      });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted) {
        Windows::template spread<Pack>(
            dx, [&](int k, Index c, Index i, Index j) __attribute__((always_inline)) {
              const Pack argmax = a.cache[(c * output.height + i) * output.width + j];
              return keep(argmax == Pack(static_cast<typename Pack::Scalar>(k)), dy(c, i, j));
            });
      }
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
