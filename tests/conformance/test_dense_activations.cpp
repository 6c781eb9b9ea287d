#include <conformance/small_autoencoder.hpp>

namespace test_dense_activations {

using namespace eigencoder;
using test::Golden;

namespace {

/// Every scalar type is a training loop to compile: float only where it says so (test_activations.cpp has all in
/// float).
template <auto Activation, class... Scalars>
void check(const Golden& golden) {
  const std::string name(Activation.name);
  const auto in = [&]<class Scalar>(Scalar) {
    test::check_training<test::Small<Scalar, Activation, Activation, Activation>>(
        golden, name, MeanSquaredError{}, SGD{.learning_rate = 2, .momentum = 0.9});
  };
  in(double{});
  (in(Scalars{}), ...);
}

}  // namespace

TEST_CASE("activations agree with Keras and PyTorch in training") {
  const Golden golden("dense_activations");
  check<linear>(golden);
  check<relu>(golden);
  check<leaky_relu>(golden);
  check<elu, float>(golden);
  check<selu>(golden);
  check<gelu, float>(golden);
  check<silu>(golden);
  check<softplus, float>(golden);
  check<activations::tanh>(golden);
  check<sigmoid>(golden);
  check<hard_sigmoid>(golden);
}

}  // namespace test_dense_activations
