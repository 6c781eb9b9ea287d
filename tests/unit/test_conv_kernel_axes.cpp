#include "support/conv_kernels.hpp"

namespace test_conv_kernel_axes {

using namespace eigencoder;
using test::check_both_paddings;

TEST_CASE("convolution kernels: axes that differ, dilation") {
  using P = Pack<double, 1>;
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

TEST_CASE("convolution kernels: packs of several registers") {
  using P = Pack<double, 2>;
  check_both_paddings<P, Shape{7, 5, 2}, 3, 2, 2>();
  check_both_paddings<P, Shape{7, 9, 3}, 2, 3, 3>();
  check_both_paddings<P, Shape{7, 8, 1}, 4, 3, 3, 2>();
  check_both_paddings<P, Shape{9, 9, 4}, 1, 4, 4, 2>();
  check_both_paddings<Pack<float, 3>, Shape{10, 8, 3}, 1, 3, 3, 3>();
}

}  // namespace test_conv_kernel_axes
