#include <conformance/layer_run.hpp>
#include <eigencoder/layers/conv2d_transpose.hpp>

namespace test_conv2d_transpose {

using namespace eigencoder;
using test::check_layer;

TEST_CASE("transposed convolutions and their gradients agree with Keras and PyTorch") {
  const test::Golden golden("conv2d_transpose");
  check_layer<Conv2DTranspose<3, 1>, Shape{3, 4, 2}>(golden, "k1");
  check_layer<Conv2DTranspose<2, 2>, Shape{4, 3, 3}, float>(golden, "k2");
  check_layer<Conv2DTranspose<1, 3>, Shape{4, 5, 1}>(golden, "k3");
  check_layer<Conv2DTranspose<9, 3, same>, Shape{5, 4, 3}, float>(golden, "k3_same");
  check_layer<Conv2DTranspose<1, 3, same>, Shape{5, 6, 17}, float>(golden, "k3_same_one");
  check_layer<Conv2DTranspose<3, 4, same>, Shape{4, 5, 2}>(golden, "k4_same");
  check_layer<Conv2DTranspose<2, 5, same>, Shape{3, 4, 2}, float>(golden, "k5_same");
  check_layer<Conv2DTranspose<2, 1, stride(2)>, Shape{3, 3, 2}>(golden, "k1_s2");
  check_layer<Conv2DTranspose<3, 2, stride(2)>, Shape{3, 4, 2}>(golden, "k2_s2");
  check_layer<Conv2DTranspose<2, 2, stride(3)>, Shape{3, 2, 2}>(golden, "k2_s3");
  check_layer<Conv2DTranspose<3, 3, stride(2)>, Shape{3, 4, 2}>(golden, "k3_s2");
  check_layer<Conv2DTranspose<9, 3, stride(2), same>, Shape{4, 3, 3}, float>(golden, "k3_s2_same");
  check_layer<Conv2DTranspose<1, 3, stride(2), same>, Shape{3, 4, 9}, float>(golden, "k3_s2_same_one");
  check_layer<Conv2DTranspose<2, 3, stride(3), same>, Shape{3, 2, 2}, float>(golden, "k3_s3_same");
  check_layer<Conv2DTranspose<2, 3, stride(2, 1), same>, Shape{3, 4, 2}>(golden, "k3_s2x1_same");
  check_layer<Conv2DTranspose<4, 4, stride(2), same>, Shape{3, 4, 3}>(golden, "k4_s2_same");
  check_layer<Conv2DTranspose<2, 5, stride(2)>, Shape{3, 3, 2}, float>(golden, "k5_s2");
  check_layer<Conv2DTranspose<2, 5, stride(2), same>, Shape{4, 3, 2}>(golden, "k5_s2_same");
  check_layer<Conv2DTranspose<2, 5, stride(3), same>, Shape{2, 3, 3}>(golden, "k5_s3_same");
  check_layer<Conv2DTranspose<2, Size{3, 5}, stride(2), same>, Shape{3, 4, 2}>(golden, "k3x5_s2_same");
  check_layer<Conv2DTranspose<2, 3, stride(2), output_padding(0)>, Shape{3, 4, 2}>(golden, "k3_s2_p0");
  check_layer<Conv2DTranspose<2, 3, stride(2), output_padding(1)>, Shape{3, 4, 2}>(golden, "k3_s2_p1");
  check_layer<Conv2DTranspose<3, 3, stride(2), output_padding(0), same>, Shape{4, 3, 2}>(golden, "k3_s2_same_p0");
  check_layer<Conv2DTranspose<3, 3, stride(2), output_padding(1), same>, Shape{4, 3, 2}, float>(golden,
                                                                                                "k3_s2_same_p1");
  check_layer<Conv2DTranspose<2, 4, stride(3), output_padding(2), same>, Shape{3, 2, 2}>(golden, "k4_s3_same_p2");
  check_layer<Conv2DTranspose<2, 3, stride(2), same, use_bias(false)>, Shape{3, 4, 2}>(golden, "k3_s2_no_bias");
}

}  // namespace test_conv2d_transpose
