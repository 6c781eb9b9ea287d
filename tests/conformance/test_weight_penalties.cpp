#include <conformance/small_autoencoder.hpp>

namespace test_weight_penalties {

using namespace eigencoder;

namespace {

template <class Scalar, auto Penalty>
using Penalised = Autoencoder<Sequential<Shape{11}, Dense<13, relu, Penalty>, Dense<5, activations::tanh, Penalty>>,
                              Sequential<Shape{5}, Dense<13, elu, Penalty>, Dense<11, sigmoid, Penalty>>, Scalar>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("penalties on weights agree with Keras and PyTorch", "", test::Scalars) {
  const test::Golden golden("weight_penalties");
  const MeanSquaredError loss;
  const SGD optimizer{.learning_rate = 0.5, .momentum = 0.5};
  test::check_training<Penalised<TestType, l1(0x1p-9)>>(golden, "l1", loss, optimizer);
  test::check_training<Penalised<TestType, l2(0x1p-8)>>(golden, "l2", loss, optimizer);
  test::check_training<Penalised<TestType, l1_l2(0x1p-10, 0x1p-9)>>(golden, "l1_l2", loss, optimizer);
}

}  // namespace test_weight_penalties
