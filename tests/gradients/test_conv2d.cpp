#include <eigencoder/layers/conv2d.hpp>

#include "gradients/harness.hpp"

namespace test_conv2d {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of Conv2D: kernels, strides, paddings") {
  check_gradients<Conv2D<2, 1>::Layer<Shape{3, 4, 3}>>();
  check_gradients<Conv2D<3, 2, same>::Layer<Shape{4, 5, 2}>, eigencoder::tanh>();
  check_gradients<Conv2D<1, 3, same, use_bias(false)>::Layer<Shape{5, 4, 2}>, sigmoid>();
  check_gradients<Conv2D<9, 3>::Layer<Shape{5, 5, 1}>>();
  check_gradients<Conv2D<2, 3, stride(2), same>::Layer<Shape{7, 6, 3}>, relu>();
  check_gradients<Conv2D<2, 3, stride(2)>::Layer<Shape{6, 7, 2}>>();
  check_gradients<Conv2D<1, 5, stride(3), same>::Layer<Shape{8, 7, 2}>>();
  check_gradients<Conv2D<2, Size{4, 2}, stride(1, 2)>::Layer<Shape{6, 5, 2}>>();
  check_gradients<Conv2D<2, 2, stride(3), same>::Layer<Shape{7, 8, 1}>>();
}

}  // namespace test_conv2d
