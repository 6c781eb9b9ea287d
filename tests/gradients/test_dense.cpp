#include <eigencoder/layers/activation.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/layers/flatten.hpp>
#include <eigencoder/layers/reshape.hpp>

#include "gradients/harness.hpp"

namespace test_dense {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of Dense: narrowing, widening, tiles full and partial") {
  check_gradients<Dense<5>::Layer<Shape{7}>>();
  check_gradients<Dense<19>::Layer<Shape{3}>>();
  check_gradients<Dense<1>::Layer<Shape{1}>>();
  check_gradients<Dense<17>::Layer<Shape{33}>, relu>();
  check_gradients<Dense<32, use_bias(false)>::Layer<Shape{8}>, sigmoid>();
}

TEST_CASE("gradients of Dense with four registers to a pack") {
  eigencoder::testing::LayerCase<Dense<9>::Layer<Shape{21}>, 4, linear, softplus, false>(5).check();
}

TEST_CASE("gradients of the layers that move values") {
  check_gradients<Flatten::Layer<Shape{3, 2, 4}>>();
  check_gradients<Reshape<Shape{2, 4, 3}>::Layer<Shape{24}>>();
  check_gradients<Reshape<Shape{2, 2, 6}>::Layer<Shape{4, 3, 2}>>();
}

TEST_CASE("gradients of Activation as a layer") {
  check_gradients<Activation<gelu>::Layer<Shape{3, 3, 2}>>();
  check_gradients<Activation<silu>::Layer<Shape{11}>>();
  check_gradients<Activation<elu(0.7)>::Layer<Shape{5}>>();
}

}  // namespace test_dense
