#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/cells.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/padding.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Option of UpSampling2D: between the cells of the input, take the nearest or interpolate linearly in both directions.
struct InterpolationOption {
  bool linear = false;
};
inline constexpr InterpolationOption nearest{false};
inline constexpr InterpolationOption bilinear{true};

/// Enlarges rows and columns n times. With `nearest`: y(c, i, j) = x(c, i / n, j / n), and dx(c, i, j) is the sum of dy
/// over the n x n cells that (i, j) became.
///
/// With `bilinear`: y(c, i, j) = sum_{r, q} t(i, r) t(j, q) x(c, r, q), where t(i, .) shares 1 between the two input
/// cells around (i + 1/2) / n - 1/2, the place of cell i's centre, each the more the nearer it is; places beyond the
/// border get the cell at the border.  dx(c, r, q) = sum_{i, j} t(i, r) t(j, q) dy(c, i, j). `Factor` is 2 or Size{2,
/// 3}. Keras: UpSampling2D.
template <auto Factor, auto... Options>
struct UpSampling2D {
  static_assert(options::known<InterpolationOption>(Options...),
                "UpSampling2D: an option is none of: nearest, bilinear");
  static_assert(options::unique<InterpolationOption>(Options...), "UpSampling2D: both nearest and bilinear are given");

  static constexpr Size factor = Factor;
  static constexpr InterpolationOption interpolation = options::find<InterpolationOption, nearest, Options...>;
  static_assert(factor.height > 0 && factor.width > 0, "UpSampling2D: a factor must be at least 1");

  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "UpSampling2D";
    static constexpr Operation operation{
        interpolation.linear ? Operation::Kind::interpolation : Operation::Kind::repetition,
        {.stride = factor.height},
        {.stride = factor.width}};
    static std::string details() { return interpolation.linear ? "bilinear" : "nearest"; }
    static constexpr bool keeps_range = true;
    static constexpr Size scale = factor;
    static constexpr bool repeats = !interpolation.linear;
    static constexpr Shape input = In;
    static constexpr Shape output{In.height * factor.height, In.width* factor.width, In.channels};

    template <class Scalar>
    using Single = std::conditional_t<interpolation.linear, kernels::channels::Interpolation<Scalar, Layer>,
                                      kernels::channels::Rearrangement<Layer>>;
    static constexpr kernels::channels::Source source(Index i, Index j) {
      return {i / factor.height, j / factor.width};
    }

    /// Where an output cell's centre lies between two input cells: 0 <= weight < 1 of the way from the first to the
    /// second.
    struct Place {
      Index first;
      Index second;
      double weight;
    };
    static constexpr Place place(Index output_cell, Index n, Index size) {
      // (cell + 1/2) / n - 1/2, in units of 1 / 2n, is below 0 by less than one cell.
      const Index position = 2 * output_cell + 1 - n;
      const Index below = position < 0 ? -1 : position / (2 * n);
      const double weight = static_cast<double>(position - 2 * n * below) / static_cast<double>(2 * n);
      return {std::max<Index>(below, 0), std::min(below + 1, size - 1), weight};
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      using Scalar = typename Pack::Scalar;
      for_each_cell(output, [&](Index c, Index i, Index j) {
        if constexpr (interpolation.linear) {
          const Place row = place(i, factor.height, In.height);
          const Place column = place(j, factor.width, In.width);
          const Pack right(static_cast<Scalar>(column.weight));
          const auto along = [&](Index r) {
            const Pack left = x(c, r, column.first);
            return multiply_add(right, x(c, r, column.second) - left, left);
          };
          const Pack above = along(row.first);
          y(c, i, j) = multiply_add(Pack(static_cast<Scalar>(row.weight)), along(row.second) - above, above);
        } else {
          y(c, i, j) = x(c, i / factor.height, j / factor.width);
        }
      });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted) {
        for_each_cell(In, [&](Index c, Index i, Index j) {
          Pack total(0);
          if constexpr (interpolation.linear) {
            for_each_share(i, factor.height, In.height, [&](Index row, double row_share) {
              for_each_share(j, factor.width, In.width, [&](Index column, double share) {
                total = multiply_add(Pack(static_cast<typename Pack::Scalar>(row_share * share)), dy(c, row, column),
                                     total);
              });
            });
          } else {
            for (Index u = 0; u < factor.height; ++u)
              for (Index v = 0; v < factor.width; ++v) total += dy(c, i * factor.height + u, j * factor.width + v);
          }
          dx(c, i, j) = total;
        });
      }
    }

   private:
    /// f(output cell, share) for the output cells that an input cell has a share in.
    template <class Function>
    static void for_each_share(Index cell, Index n, Index size, const Function& f) {
      for (Index o = std::max<Index>(0, (cell - 1) * n); o < std::min(size * n, (cell + 2) * n); ++o) {
        const Place p = place(o, n, size);
        const double share = (p.first == cell ? 1 - p.weight : 0) + (p.second == cell ? p.weight : 0);
        if (share != 0) f(o, share);
      }
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
