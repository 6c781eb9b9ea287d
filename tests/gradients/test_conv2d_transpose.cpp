#include <eigencoder/layers/conv2d_transpose.hpp>

#include "gradients/harness.hpp"

namespace test_conv2d_transpose {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of Conv2DTranspose: kernels, strides, paddings") {
  check_gradients<Conv2DTranspose<2, 3, stride(2), same>::Layer<Shape{3, 4, 3}>, relu>();
  check_gradients<Conv2DTranspose<1, 3, same>::Layer<Shape{4, 5, 3}>, sigmoid>();
  check_gradients<Conv2DTranspose<3, 2, stride(2)>::Layer<Shape{3, 2, 2}>>();
  check_gradients<Conv2DTranspose<2, 4, stride(2), same>::Layer<Shape{3, 3, 1}>>();
  check_gradients<Conv2DTranspose<1, 5, stride(3)>::Layer<Shape{2, 3, 2}>>();
  check_gradients<Conv2DTranspose<2, 1, stride(2), same>::Layer<Shape{3, 3, 2}>>();
  check_gradients<Conv2DTranspose<1, 2, stride(3), use_bias(false)>::Layer<Shape{2, 3, 2}>>();
  check_gradients<Conv2DTranspose<2, Size{3, 2}, stride(1, 2)>::Layer<Shape{3, 2, 1}>>();
}

TEST_CASE("gradients of Conv2DTranspose: output padding") {
  check_gradients<Conv2DTranspose<1, 3, stride(2), same, output_padding(0)>::Layer<Shape{4, 3, 2}>>();
  check_gradients<Conv2DTranspose<2, 3, stride(3), output_padding(1, 2)>::Layer<Shape{2, 3, 1}>>();
  check_gradients<Conv2DTranspose<1, 4, stride(3), same, output_padding(1)>::Layer<Shape{3, 3, 1}>>();
}

}  // namespace test_conv2d_transpose
