#include <eigencoder/layers/average_pool2d.hpp>
#include <eigencoder/layers/cropping2d.hpp>
#include <eigencoder/layers/global_average_pool2d.hpp>
#include <eigencoder/layers/max_pool2d.hpp>
#include <eigencoder/layers/up_sampling2d.hpp>
#include <eigencoder/layers/zero_padding2d.hpp>

#include "gradients/harness.hpp"

namespace test_pooling {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of MaxPool2D") {
  check_gradients<MaxPool2D<2>::Layer<Shape{4, 5, 3}>>();
  check_gradients<MaxPool2D<2, same>::Layer<Shape{7, 7, 2}>>();
  check_gradients<MaxPool2D<3, same>::Layer<Shape{7, 5, 1}>>();
  check_gradients<MaxPool2D<3, stride(2), same>::Layer<Shape{6, 7, 2}>>();
  check_gradients<MaxPool2D<3, stride(1)>::Layer<Shape{5, 4, 1}>>();
  check_gradients<MaxPool2D<Size{1, 2}, stride(2, 3)>::Layer<Shape{5, 6, 2}>>();
}

TEST_CASE("gradients of AveragePool2D") {
  check_gradients<AveragePool2D<2>::Layer<Shape{4, 5, 3}>>();
  check_gradients<AveragePool2D<2, same>::Layer<Shape{7, 7, 2}>>();
  check_gradients<AveragePool2D<3, stride(2), same>::Layer<Shape{6, 7, 2}>>();
  check_gradients<AveragePool2D<Size{2, 1}, stride(3, 2)>::Layer<Shape{6, 5, 2}>>();
  check_gradients<GlobalAveragePool2D::Layer<Shape{3, 4, 5}>>();
}

TEST_CASE("gradients of UpSampling2D") {
  check_gradients<UpSampling2D<2>::Layer<Shape{3, 4, 2}>>();
  check_gradients<UpSampling2D<Size{1, 3}>::Layer<Shape{2, 3, 1}>>();
  check_gradients<UpSampling2D<2, bilinear>::Layer<Shape{3, 4, 2}>>();
  check_gradients<UpSampling2D<Size{3, 4}, bilinear>::Layer<Shape{2, 3, 1}>>();
  check_gradients<UpSampling2D<2, bilinear>::Layer<Shape{1, 1, 2}>>();
}

TEST_CASE("gradients of ZeroPadding2D and Cropping2D") {
  check_gradients<ZeroPadding2D<1>::Layer<Shape{3, 2, 2}>>();
  check_gradients<ZeroPadding2D<Border{.top = 0, .left = 2, .bottom = 1, .right = 0}>::Layer<Shape{2, 3, 1}>>();
  check_gradients<Cropping2D<Size{1, 2}>::Layer<Shape{4, 6, 2}>>();
  check_gradients<Cropping2D<Border{.top = 0, .left = 2, .bottom = 1, .right = 0}>::Layer<Shape{3, 4, 1}>>();
}

}  // namespace test_pooling
