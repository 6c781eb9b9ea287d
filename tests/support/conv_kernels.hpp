#pragma once

/// The three convolution kernels against their definitions.

#include <eigencoder/kernels/conv_weight_gradient.hpp>

#include "support/catch.hpp"
#include "support/feature_maps.hpp"

namespace test {

using eigencoder::for_each_cell;
using eigencoder::Index;
using eigencoder::Layout;
using eigencoder::Shape;
using eigencoder::kernels::Axis;
using eigencoder::kernels::Geometry;
namespace kernels = eigencoder::kernels;

/// weights[((row * columns + column) * fine channels + f) * coarse channels + c], to be read as a function.
template <Geometry G, Shape Fine, Shape Coarse>
Index weight_at(Index row, Index column, Index f, Index c) {
  return ((row * G.columns.kernel + column) * Fine.channels + f) * Coarse.channels + c;
}

/// f(p, q, u, fine row, r, v, fine column) for every pair of cells that a convolution couples.
template <Geometry G, Shape Fine, Shape Coarse, class Function>
void for_each_coupling(const Function& f) {
  for (Index p = 0; p < Coarse.height; ++p)
    for (Index q = 0; q < Coarse.width; ++q)
      for (Index u = 0; u < G.rows.kernel; ++u)
        for (Index v = 0; v < G.columns.kernel; ++v) {
          const Index i = G.rows.stride * p + G.rows.dilation * u - G.rows.padding;
          const Index j = G.columns.stride * q + G.columns.dilation * v - G.columns.padding;
          if (i >= 0 && i < Fine.height && j >= 0 && j < Fine.width) f(p, q, u, v, i, j);
        }
}

constexpr Index output_size(Axis axis, Index input, bool same) {
  const Index window = axis.dilation * (axis.kernel - 1) + 1;
  return same ? (input + axis.stride - 1) / axis.stride : (input - window) / axis.stride + 1;
}

/// All three kernels against their definitions, on random numbers.
template <class Pack, Geometry G, Shape Fine, Shape Coarse>
void check_kernels() {
  using Scalar = typename Pack::Scalar;
  constexpr Layout F{Fine, kernels::fine_border(G, Fine, Coarse)};
  constexpr Layout C{Coarse, kernels::coarse_border(G, Fine, Coarse)};
  constexpr auto weights = static_cast<std::size_t>(G.taps() * Fine.channels * Coarse.channels);
  INFO("fine " << to_string(Fine) << ", coarse " << to_string(Coarse) << ", kernel " << G.rows.kernel << " x "
               << G.columns.kernel << ", stride " << G.rows.stride << " x " << G.columns.stride << ", dilation "
               << G.rows.dilation << " x " << G.columns.dilation << ", padding " << G.rows.padding << " x "
               << G.columns.padding);
  Random random;
  const std::vector<Scalar> w = random.values<Scalar>(weights);
  KernelMap<Pack, F> fine(random);
  KernelMap<Pack, C> coarse(random);
  Buffer<Scalar> panels(weights);
  const Scalar tolerance = sizeof(Scalar) == 4 ? Scalar(1e-4) : Scalar(1e-12);

  {
    const std::vector<Scalar> bias = random.values<Scalar>(static_cast<std::size_t>(Coarse.channels));
    kernels::pack_weights<Fine.channels, Coarse.channels, G, kernels::convolve_tile<G, Coarse>>(
        [&](Index f, Index c, Index u, Index v) {
          return w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))];
        },
        panels.data());
    KernelMap<Pack, Layout{Coarse}> got, expected;
    for_each_cell(Coarse,
                  [&](Index c, Index i, Index j) { expected(c, i, j) = Pack(bias[static_cast<std::size_t>(c)]); });
    for_each_coupling<G, Fine, Coarse>([&](Index p, Index q, Index u, Index v, Index i, Index j) {
      for (Index c = 0; c < Coarse.channels; ++c)
        for (Index f = 0; f < Fine.channels; ++f)
          expected(c, p, q) +=
              Pack(w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))]) * fine(f, i, j);
    });
    kernels::convolve<G>(fine.read(), panels.data(), bias.data(), got.sink());
    REQUIRE(distance(got, expected) < tolerance);
  }
  {
    kernels::pack_weights<Coarse.channels, Fine.channels, G, kernels::convolve_transposed_tile<G, Fine>>(
        [&](Index c, Index f, Index u, Index v) {
          return w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))];
        },
        panels.data());
    KernelMap<Pack, Layout{Fine}> got, expected;
    for_each_coupling<G, Fine, Coarse>([&](Index p, Index q, Index u, Index v, Index i, Index j) {
      for (Index c = 0; c < Coarse.channels; ++c)
        for (Index f = 0; f < Fine.channels; ++f)
          expected(f, i, j) +=
              Pack(w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))]) * coarse(c, p, q);
    });
    kernels::convolve_transposed<G>(coarse.read(), panels.data(), nullptr, got.sink());
    REQUIRE(distance(got, expected) < tolerance);
  }
  {
    using WeightGradient = kernels::WeightGradient<G, Fine, Coarse, Pack>;
    Buffer<Scalar> panel(static_cast<std::size_t>(WeightGradient::panel_size));
    for (int time = 0; time < 2; ++time) WeightGradient::add(coarse.read(), fine.read(), panel.data());
    std::vector<Scalar> expected(weights), got(weights, Scalar(-1));
    for_each_coupling<G, Fine, Coarse>([&](Index p, Index q, Index u, Index v, Index i, Index j) {
      for (Index c = 0; c < Coarse.channels; ++c)
        for (Index f = 0; f < Fine.channels; ++f)
          expected[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))] +=
              2 * sum(coarse(c, p, q) * fine(f, i, j));
    });
    WeightGradient::for_each_weight(panel.data(), [&](Index c, Index f, Index u, Index v, Scalar value) {
      got[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))] += value + 1;  // once each
    });
    Scalar worst = 0;
    for (std::size_t k = 0; k < weights; ++k) worst = std::max(worst, std::abs(got[k] - expected[k]));
    REQUIRE(worst < tolerance * Scalar(Pack::lanes * Coarse.height));
  }
}

/// `same` and `valid` on one input shape.
template <class Pack, Shape In, Index Channels, Index Height, Index Width, Index RowStride = 1,
          Index ColumnStride = RowStride, Index RowDilation = 1, Index ColumnDilation = RowDilation>
void check_both_paddings() {
  constexpr auto geometry = [](bool is_same) {
    Geometry g{{Height, RowStride, RowDilation, 0}, {Width, ColumnStride, ColumnDilation, 0}};
    const auto padding = [](Axis axis, Index input) {
      return std::max<Index>(0, (output_size(axis, input, true) - 1) * axis.stride + axis.dilation * (axis.kernel - 1) +
                                    1 - input) /
             2;
    };
    if (is_same)
      g = {{Height, RowStride, RowDilation, padding(g.rows, In.height)},
           {Width, ColumnStride, ColumnDilation, padding(g.columns, In.width)}};
    return g;
  };
  constexpr Geometry same = geometry(true);
  constexpr Geometry valid = geometry(false);
  check_kernels<Pack, same, In,
                Shape{output_size(same.rows, In.height, true), output_size(same.columns, In.width, true), Channels}>();
  check_kernels<Pack, valid, In,
                Shape{output_size(valid.rows, In.height, false), output_size(valid.columns, In.width, false),
                      Channels}>();
}

}  // namespace test
