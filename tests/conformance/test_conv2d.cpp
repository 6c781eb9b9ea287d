#include <conformance/layer_run.hpp>
#include <eigencoder/layers/conv2d.hpp>

namespace test_conv2d {

using namespace eigencoder;
using test::check_layer;

TEST_CASE("convolutions and their gradients agree with Keras and PyTorch") {
  const test::Golden golden("conv2d");
  check_layer<Conv2D<3, 1>, Shape{4, 5, 2}, float>(golden, "k1");
  check_layer<Conv2D<2, 2>, Shape{5, 4, 3}>(golden, "k2");
  check_layer<Conv2D<2, 2, same>, Shape{5, 4, 3}>(golden, "k2_same");
  check_layer<Conv2D<1, 3>, Shape{5, 7, 1}, float>(golden, "k3");
  check_layer<Conv2D<17, 3, same>, Shape{6, 5, 3}, float>(golden, "k3_same");
  check_layer<Conv2D<4, 3, same>, Shape{4, 4, 9}>(golden, "k3_same_many");
  check_layer<Conv2D<1, 3, same>, Shape{7, 9, 2}, float>(golden, "k3_same_one");
  check_layer<Conv2D<3, 4, same>, Shape{5, 6, 2}>(golden, "k4_same");
  check_layer<Conv2D<2, 5>, Shape{7, 6, 2}>(golden, "k5");
  check_layer<Conv2D<2, 5, same>, Shape{3, 5, 3}, float>(golden, "k5_same");
  check_layer<Conv2D<5, Size{3, 5}, same>, Shape{5, 4, 2}, float>(golden, "k3x5_same");
  check_layer<Conv2D<2, 1, stride(2)>, Shape{5, 6, 3}>(golden, "k1_s2");
  check_layer<Conv2D<3, 2, stride(3), same>, Shape{7, 8, 2}>(golden, "k2_s3_same");
  check_layer<Conv2D<3, 3, stride(2)>, Shape{7, 8, 2}>(golden, "k3_s2");
  check_layer<Conv2D<9, 3, stride(2), same>, Shape{7, 8, 3}, float>(golden, "k3_s2_same");
  check_layer<Conv2D<4, 3, stride(2), same>, Shape{8, 8, 1}>(golden, "k3_s2_same_one");
  check_layer<Conv2D<2, 3, stride(3), same>, Shape{7, 5, 2}, float>(golden, "k3_s3_same");
  check_layer<Conv2D<2, 3, stride(2, 1), same>, Shape{5, 6, 2}>(golden, "k3_s2x1_same");
  check_layer<Conv2D<3, 4, stride(2), same>, Shape{6, 7, 2}>(golden, "k4_s2_same");
  check_layer<Conv2D<2, 5, stride(2)>, Shape{8, 9, 2}>(golden, "k5_s2");
  check_layer<Conv2D<3, 5, stride(3), same>, Shape{8, 7, 2}>(golden, "k5_s3_same");
  check_layer<Conv2D<3, 3, dilation(2)>, Shape{7, 6, 2}>(golden, "k3_d2");
  check_layer<Conv2D<2, 3, dilation(2), same>, Shape{5, 6, 3}, float>(golden, "k3_d2_same");
  check_layer<Conv2D<2, 2, dilation(3), same>, Shape{5, 6, 2}>(golden, "k2_d3_same");
  check_layer<Conv2D<3, 3, use_bias(false)>, Shape{4, 5, 2}>(golden, "k3_no_bias");
}

}  // namespace test_conv2d
