#include <eigencoder/fusion/fuse.hpp>
#include <eigencoder/layers/conv2d.hpp>
#include <eigencoder/layers/max_pool2d.hpp>
#include <eigencoder/layers/up_sampling2d.hpp>

#include "gradients/harness.hpp"

namespace test_fused_stages {

using namespace eigencoder;
using test::check_gradients;

namespace {

/// The stage for two layers on an input.
template <class First, class Second, Shape In>
using Fused = typename Fuse<typename First::template Layer<In>,
                            typename Second::template Layer<First::template Layer<In>::output>>::type;

}  // namespace

TEST_CASE("gradients of a convolution of an enlarged map") {
  check_gradients<Fused<UpSampling2D<2>, Conv2D<3, 3, same>, Shape{3, 4, 2}>, relu>();
  check_gradients<Fused<UpSampling2D<2>, Conv2D<1, 3>, Shape{4, 3, 2}>, sigmoid>();
  check_gradients<Fused<UpSampling2D<2>, Conv2D<2, 2, same, use_bias(false)>, Shape{3, 3, 1}>>();
  check_gradients<Fused<UpSampling2D<3>, Conv2D<2, 5, same>, Shape{3, 2, 1}>>();
  check_gradients<Fused<UpSampling2D<Size{1, 2}>, Conv2D<2, Size{4, 1}>, Shape{5, 2, 2}>>();
}

TEST_CASE("gradients of a convolution with pooling") {
  check_gradients<Fused<Conv2D<3, 3, same>, MaxPool2D<2>, Shape{4, 6, 2}>>();
  check_gradients<Fused<Conv2D<7, 3, same>, MaxPool2D<2, same>, Shape{7, 7, 1}>>();
  check_gradients<Fused<Conv2D<2, 3>, MaxPool2D<2>, Shape{7, 9, 2}>>();
  check_gradients<Fused<Conv2D<2, 3, stride(2), same, use_bias(false)>, MaxPool2D<2, same>, Shape{9, 7, 2}>>();
  check_gradients<Fused<Conv2D<2, 2, same>, MaxPool2D<Size{1, 3}, same>, Shape{3, 8, 2}>>();
  check_gradients<Fused<Conv2D<2, 2>, MaxPool2D<Size{2, 1}>, Shape{6, 4, 1}>>();
}

}  // namespace test_fused_stages
