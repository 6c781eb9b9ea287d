#include <eigencoder/layers/dropout.hpp>

#include "gradients/harness.hpp"

namespace test_dropout {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of Dropout") {
  check_gradients<Dropout<0.5>::Layer<Shape{13}>>();
  check_gradients<Dropout<0.2>::Layer<Shape{3, 2, 3}>>();
  check_gradients<Dropout<0.0>::Layer<Shape{5}>>();
}

}  // namespace test_dropout
