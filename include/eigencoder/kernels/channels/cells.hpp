#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/form.hpp>
#include <eigencoder/simd/vector.hpp>
#include <limits>

/// Forms of the layers that look at one cell, or at windows of cells, in each channel alike.
namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels {

/// The same values, perhaps under another shape: y[k] = x[k].
struct View : StatelessForm {
  static constexpr bool is_view = true;

  template <ChannelLayout X, ChannelLayout Y, auto, class Scalar>
  static void run(const Scalar* x, const Call<Scalar>&, Scalar* y) {
    copy_cells<X, Y>(x, y);
  }
};

/// y = f(x), elementwise.
template <class Scalar, auto f>
struct Elementwise : StatelessForm {
  template <ChannelLayout X, ChannelLayout Y, auto>
  static void run(const Scalar* x, const Call<Scalar>&, Scalar* y) {
    constexpr Shape shape = X.shape;
    const auto values = [&]<Index Count>(std::integral_constant<Index, Count>, Index from, Index to) {
      simd::for_each_vector<Scalar, Count>([&](auto lanes, Index k) __attribute__((always_inline)) {
        simd::store<lanes>(y + to + k, activate<Scalar, lanes, f>(simd::load<lanes>(x + from + k)));
      });
    };
    if constexpr (!X.has_border() && !Y.has_border()) {
      values(std::integral_constant<Index, shape.size()>{}, 0, 0);
    } else {
      for (Index i = 0; i < shape.height; ++i)
        values(std::integral_constant<Index, shape.width * shape.channels>{}, X.at(i, 0), Y.at(i, 0));
    }
  }
};

/// Each cell of the output is one of the input, `Layer::source(row, column)`, or zeros if that is `nowhere`.
struct Source {
  Index row;
  Index column;

  constexpr bool operator==(const Source&) const = default;
};
inline constexpr Source nowhere{-1, -1};

template <class Layer>
struct Rearrangement : StatelessForm {
  template <ChannelLayout X, ChannelLayout Y, auto, class Scalar>
  static void run(const Scalar* x, const Call<Scalar>&, Scalar* y) {
    for (Index i = 0; i < Y.shape.height; ++i)
      for (Index j = 0; j < Y.shape.width; ++j) {
        const Source from = Layer::source(i, j);
        if (from == nowhere) {
          std::fill_n(y + Y.at(i, j), Y.shape.channels, Scalar(0));
        } else {
          std::copy_n(x + X.at(from.row, from.column), Y.shape.channels, y + Y.at(i, j));
        }
      }
  }
};

/// The maximum of each window, NaN if any of its cells is; or its mean. `Windows` is a pooling layer's.
template <class Scalar, class Windows, bool Maximum>
struct Pool : StatelessForm {
  template <ChannelLayout X, ChannelLayout Y, auto>
  static void run(const Scalar* x, const Call<Scalar>&, Scalar* y) {
    for (Index i = 0; i < Y.shape.height; ++i)
      for (Index j = 0; j < Y.shape.width; ++j) {
        [[maybe_unused]] const Scalar share = Scalar(1) / static_cast<Scalar>(Windows::count(i, j));
        simd::for_each_vector<Scalar, Y.shape.channels>([&](auto lanes, Index c) __attribute__((always_inline)) {
          using V = simd::Vector<Scalar, lanes>;
          V result = V{} + (Maximum ? -std::numeric_limits<Scalar>::infinity() : Scalar(0));
          Windows::for_each_cell(
              i, j, [&](int, Index row, Index column) __attribute__((always_inline)) {
                const V value = simd::load<lanes>(x + X.at(row, column) + c);
                if constexpr (Maximum) {
                  result = simd::max_or_nan(result, value);
                } else {
                  result += value;
                }
              });
          if constexpr (!Maximum) result *= V{} + share;
          simd::store<lanes>(y + Y.at(i, j) + c, result);
        });
      }
  }
};

/// Between four cells: `Layer::place(i, n, size)` says where output i lies on an axis that is enlarged n times.
template <class Scalar, class Layer>
struct Interpolation : StatelessForm {
  template <ChannelLayout X, ChannelLayout Y, auto>
  static void run(const Scalar* x, const Call<Scalar>&, Scalar* y) {
    for (Index i = 0; i < Y.shape.height; ++i)
      for (Index j = 0; j < Y.shape.width; ++j) {
        const auto row = Layer::place(i, Layer::scale.height, X.shape.height);
        const auto column = Layer::place(j, Layer::scale.width, X.shape.width);
        const auto down = static_cast<Scalar>(row.weight), right = static_cast<Scalar>(column.weight);
        simd::for_each_vector<Scalar, Y.shape.channels>([&](auto lanes, Index c) __attribute__((always_inline)) {
          const auto along = [&](Index r) __attribute__((always_inline)) {
            const auto left = simd::load<lanes>(x + X.at(r, column.first) + c);
            return left + right * (simd::load<lanes>(x + X.at(r, column.second) + c) - left);
          };
          const auto above = along(row.first);
          simd::store<lanes>(y + Y.at(i, j) + c, above + down * (along(row.second) - above));
        });
      }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels::channels
