#include <eigencoder/layers/conv2d.hpp>

#include "gradients/harness.hpp"

namespace test_conv2d_dilation {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of Conv2D: dilation") {
  check_gradients<Conv2D<2, 3, dilation(2), same>::Layer<Shape{6, 5, 2}>>();
  check_gradients<Conv2D<2, Size{2, 3}, dilation(3, 1)>::Layer<Shape{6, 5, 2}>>();
  check_gradients<Conv2D<1, 2, dilation(2), stride(2), same>::Layer<Shape{5, 6, 2}>>();
}

}  // namespace test_conv2d_dilation
