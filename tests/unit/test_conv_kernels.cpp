#include <eigencoder/kernels/conv_weight_gradient.hpp>

#include "support/catch.hpp"
#include "support/feature_maps.hpp"

using namespace eigencoder;
using kernels::Axis;
using kernels::Geometry;
using kernels::Reach;

namespace {

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
void check() {
  using Scalar = typename Pack::Scalar;
  constexpr Layout F{Fine, kernels::fine_border(G, Fine, Coarse)};
  constexpr Layout C{Coarse, kernels::coarse_border(G, Fine, Coarse)};
  constexpr auto weights = static_cast<std::size_t>(G.taps() * Fine.channels * Coarse.channels);
  INFO("fine " << to_string(Fine) << ", coarse " << to_string(Coarse) << ", kernel " << G.rows.kernel << " x "
               << G.columns.kernel << ", stride " << G.rows.stride << " x " << G.columns.stride << ", dilation "
               << G.rows.dilation << " x " << G.columns.dilation << ", padding " << G.rows.padding << " x "
               << G.columns.padding);
  test::Random random;
  const std::vector<Scalar> w = random.values<Scalar>(weights);
  test::Map<Pack, F> fine(random);
  test::Map<Pack, C> coarse(random);
  test::Buffer<Scalar> panels(weights);
  const Scalar tolerance = sizeof(Scalar) == 4 ? Scalar(1e-4) : Scalar(1e-12);

  {
    const std::vector<Scalar> bias = random.values<Scalar>(static_cast<std::size_t>(Coarse.channels));
    kernels::pack_weights<Fine.channels, Coarse.channels, G, kernels::convolve_tile<G, Coarse>>(
        [&](Index f, Index c, Index u, Index v) {
          return w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))];
        },
        panels.data());
    test::Map<Pack, Layout{Coarse}> got, expected;
    for_each_cell(Coarse,
                  [&](Index c, Index i, Index j) { expected(c, i, j) = Pack(bias[static_cast<std::size_t>(c)]); });
    for_each_coupling<G, Fine, Coarse>([&](Index p, Index q, Index u, Index v, Index i, Index j) {
      for (Index c = 0; c < Coarse.channels; ++c)
        for (Index f = 0; f < Fine.channels; ++f)
          expected(c, p, q) +=
              Pack(w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))]) * fine(f, i, j);
    });
    kernels::convolve<G>(fine.read(), panels.data(), bias.data(), got.sink());
    REQUIRE(test::distance(got, expected) < tolerance);
  }
  {
    kernels::pack_weights<Coarse.channels, Fine.channels, G, kernels::convolve_transposed_tile<G, Fine>>(
        [&](Index c, Index f, Index u, Index v) {
          return w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))];
        },
        panels.data());
    test::Map<Pack, Layout{Fine}> got, expected;
    for_each_coupling<G, Fine, Coarse>([&](Index p, Index q, Index u, Index v, Index i, Index j) {
      for (Index c = 0; c < Coarse.channels; ++c)
        for (Index f = 0; f < Fine.channels; ++f)
          expected(f, i, j) +=
              Pack(w[static_cast<std::size_t>(weight_at<G, Fine, Coarse>(u, v, f, c))]) * coarse(c, p, q);
    });
    kernels::convolve_transposed<G>(coarse.read(), panels.data(), nullptr, got.sink());
    REQUIRE(test::distance(got, expected) < tolerance);
  }
  {
    using WeightGradient = kernels::WeightGradient<G, Fine, Coarse, Pack>;
    test::Buffer<Scalar> panel(static_cast<std::size_t>(WeightGradient::panel_size));
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
  check<Pack, same, In,
        Shape{output_size(same.rows, In.height, true), output_size(same.columns, In.width, true), Channels}>();
  check<Pack, valid, In,
        Shape{output_size(valid.rows, In.height, false), output_size(valid.columns, In.width, false), Channels}>();
}

}  // namespace

TEMPLATE_TEST_CASE("convolution kernels: sizes of kernel and stride", "", (Pack<float, 1>), (Pack<double, 2>)) {
  using P = TestType;
  check_both_paddings<P, Shape{5, 6, 1}, 1, 1, 1>();
  check_both_paddings<P, Shape{7, 5, 2}, 3, 2, 2>();
  check_both_paddings<P, Shape{7, 9, 3}, 2, 3, 3>();
  check_both_paddings<P, Shape{8, 7, 1}, 5, 4, 4>();
  check_both_paddings<P, Shape{9, 11, 5}, 1, 5, 5>();
  check_both_paddings<P, Shape{7, 7, 3}, 2, 1, 1, 2>();
  check_both_paddings<P, Shape{6, 9, 2}, 1, 2, 2, 2>();
  check_both_paddings<P, Shape{7, 8, 1}, 4, 3, 3, 2>();
  check_both_paddings<P, Shape{9, 9, 4}, 3, 4, 4, 2>();
  check_both_paddings<P, Shape{9, 11, 1}, 1, 5, 5, 2>();
  check_both_paddings<P, Shape{8, 7, 2}, 1, 1, 1, 3>();
  check_both_paddings<P, Shape{11, 10, 1}, 2, 2, 2, 3>();
  check_both_paddings<P, Shape{10, 8, 3}, 1, 3, 3, 3>();
  check_both_paddings<P, Shape{13, 11, 2}, 3, 5, 5, 3>();
}

TEMPLATE_TEST_CASE("convolution kernels: axes that differ, dilation", "", (Pack<float, 2>), (Pack<double, 1>)) {
  using P = TestType;
  check_both_paddings<P, Shape{6, 9, 2}, 3, 2, 5>();
  check_both_paddings<P, Shape{9, 6, 1}, 2, 4, 1, 2, 1>();
  check_both_paddings<P, Shape{7, 9, 3}, 1, 3, 2, 1, 3>();
  check_both_paddings<P, Shape{9, 8, 2}, 2, 3, 3, 1, 1, 2>();
  check_both_paddings<P, Shape{12, 11, 1}, 3, 3, 2, 1, 1, 3, 2>();
  check_both_paddings<P, Shape{9, 9, 2}, 1, 3, 3, 1, 1, 2>();
  check_both_paddings<P, Shape{11, 12, 1}, 2, 3, 3, 2, 2, 2>();
  check_both_paddings<P, Shape{12, 13, 2}, 1, 3, 3, 2, 3, 3, 2>();
  check_both_paddings<P, Shape{1, 40, 2}, 3, 1, 15>();
  check_both_paddings<P, Shape{2, 70, 1}, 1, 2, 27>();
}

TEMPLATE_TEST_CASE("convolution kernels: tiles with a rest, many channels", "", (Pack<float, 1>), (Pack<double, 1>)) {
  using P = TestType;
  check_both_paddings<P, Shape{5, 7, 13}, 11, 3, 3>();
  check_both_paddings<P, Shape{4, 4, 17}, 9, 3, 3, 2>();
  check_both_paddings<P, Shape{3, 13, 26}, 1, 3, 3>();
  check_both_paddings<P, Shape{3, 15, 1}, 29, 3, 3, 2>();
  check_both_paddings<P, Shape{17, 29, 3}, 1, 4, 4>();
  check_both_paddings<P, Shape{15, 17, 1}, 2, 5, 5, 2>();
}

TEST_CASE("convolution kernels: maps wider than the first cache") {
  check_both_paddings<Pack<float, 1>, Shape{6, 200, 3}, 5, 3, 3>();
  check_both_paddings<Pack<double, 1>, Shape{70, 33, 2}, 2, 3, 3, 2>();
}

TEMPLATE_TEST_CASE("sums of channels over positions and samples", "", (Pack<float, 1>), (Pack<double, 2>)) {
  test::Random random;
  test::Map<TestType, Layout{Shape{3, 7, 19}, Border{1, 0, 2, 1}}> map(random);
  std::vector<typename TestType::Scalar> sums(19, 2), expected(19, 2);
  for_each_cell(Shape{3, 7, 19},
                [&](Index c, Index i, Index j) { expected[static_cast<std::size_t>(c)] += sum(map(c, i, j)); });
  kernels::add_channel_sums(map.read(), sums.data());
  for (std::size_t c = 0; c < sums.size(); ++c) REQUIRE(sums[c] == test::Approx(expected[c]).margin(1e-4));
}

TEMPLATE_TEST_CASE("a reduction tells the order of its sums, for any number of registers", "", float, double) {
  using Reduction = kernels::LaneReduction<TestType>;
  constexpr int lanes = Register<TestType>::lanes;
  kernels::for_constants<lanes>([&]<int N>(std::integral_constant<int, N>) {
    constexpr int count = N + 1;
    test::Random random;
    Register<TestType> values[count];
    std::vector<TestType> expected;
    for (auto& value : values) {
      test::Buffer<TestType> numbers(static_cast<std::size_t>(lanes));
      for (int l = 0; l < lanes; ++l) numbers.data()[l] = random.value<TestType>();
      value = Register<TestType>::load(numbers.data());
      expected.push_back(sum(value));
    }
    test::Buffer<TestType> sums(static_cast<std::size_t>(lanes));
    Reduction::reduce(values).store(sums.data());
    int seen = 0;
    for (int l = 0; l < lanes; ++l) {
      const int r = Reduction::template order<count>[static_cast<std::size_t>(l)];
      if (r < 0) continue;
      ++seen;
      REQUIRE(sums.data()[l] == test::Approx(expected[static_cast<std::size_t>(r)]).margin(1e-5));
    }
    REQUIRE(seen == count);
  });
}
