#include "support/conv_kernels.hpp"

namespace test_conv_kernels {

using namespace eigencoder;
using test::check_both_paddings;

TEST_CASE("convolution kernels: sizes of kernel and stride") {
  using P = Pack<float, 1>;
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

TEMPLATE_TEST_CASE("sums of channels over positions and samples", "", (Pack<float, 1>), (Pack<double, 2>)) {
  test::Random random;
  test::KernelMap<TestType, Layout{Shape{3, 7, 19}, Border{1, 0, 2, 1}}> map(random);
  std::vector<typename TestType::Scalar> sums(19, 2), expected(19, 2);
  for_each_cell(Shape{3, 7, 19},
                [&](Index c, Index i, Index j) { expected[static_cast<std::size_t>(c)] += sum(map(c, i, j)); });
  kernels::add_channel_sums(map.read(), sums.data());
  for (std::size_t c = 0; c < sums.size(); ++c) REQUIRE(sums[c] == test::Approx(expected[c]).margin(1e-4));
}

TEMPLATE_TEST_CASE("a reduction tells the order of its sums, for any number of registers", "", float, double) {
  using Reduction = simd::LaneReduction<TestType>;
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

}  // namespace test_conv_kernels
