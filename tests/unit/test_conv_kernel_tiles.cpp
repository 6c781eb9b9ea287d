#include "support/conv_kernels.hpp"

namespace test_conv_kernel_tiles {

using namespace eigencoder;
using test::check_both_paddings;

TEST_CASE("convolution kernels: tiles with a rest, many channels") {
  using P = Pack<float, 1>;
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

}  // namespace test_conv_kernel_tiles
