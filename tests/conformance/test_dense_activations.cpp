#include <conformance/small_autoencoder.hpp>

using namespace eigencoder;
using test::check_training;
using test::Golden;
using test::Small;

TEMPLATE_TEST_CASE("activations agree with Keras and PyTorch in training", "", float, double) {
  const Golden golden("dense_activations");
  const auto check = [&]<auto Activation>() {
    const std::string name(Activation.name);
    check_training<Small<TestType, Activation, Activation, Activation>>(golden, name, MeanSquaredError{},
                                                                        SGD{.learning_rate = 2, .momentum = 0.9});
  };
  check.template operator()<linear>();
  check.template operator()<relu>();
  check.template operator()<leaky_relu>();
  check.template operator()<elu>();
  check.template operator()<selu>();
  check.template operator()<gelu>();
  check.template operator()<silu>();
  check.template operator()<softplus>();
  check.template operator()<activations::tanh>();
  check.template operator()<sigmoid>();
  check.template operator()<hard_sigmoid>();
}
