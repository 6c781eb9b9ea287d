#include <eigencoder/layers/layer_normalization.hpp>

#include "gradients/harness.hpp"

namespace test_layer_normalization {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of LayerNormalization") {
  check_gradients<LayerNormalization::Layer<Shape{9}>>();
  check_gradients<LayerNormalization::Layer<Shape{3, 2, 5}>, sigmoid>();
  check_gradients<LayerNormalization::Layer<Shape{2, 2, 1}>>();
}

}  // namespace test_layer_normalization
