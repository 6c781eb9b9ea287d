#include <conformance/golden.hpp>
#include <eigencoder/layers/options/activations.hpp>

namespace test_activations {

namespace {

using namespace eigencoder;
using test::Golden;

/// y = f(x) and dx = f'(x) dy, a register at a time as the kernels' epilogues do.
template <class Scalar, auto Activation>
void check_activation(const Golden& golden) {
  using Register = eigencoder::Register<Scalar>;
  const auto& x = golden.values("x");
  const auto& dy = golden.values("dy");
  std::vector<double> y(x.size()), dx(x.size());
  alignas(simd::alignment) Scalar lanes[Register::lanes] = {};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto lane = i % static_cast<std::size_t>(Register::lanes);
    const auto first_of = [&](Register values) {
      values.store(lanes);
      return static_cast<double>(lanes[lane]);
    };
    const Register z(static_cast<Scalar>(x[i])), value = Activation.value(z);
    y[i] = first_of(value);
    dx[i] = first_of(Activation.gradient(Register(static_cast<Scalar>(dy[i])), Activation.from_output ? value : z));
  }
  const std::string name(Activation.name);
  test::check_agrees<Scalar>(golden, name + ".y", y);
  test::check_agrees<Scalar>(golden, name + ".dx", dx);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("activations and their gradients agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("activations");
  check_activation<TestType, linear>(golden);
  check_activation<TestType, relu>(golden);
  check_activation<TestType, leaky_relu>(golden);
  check_activation<TestType, elu>(golden);
  check_activation<TestType, selu>(golden);
  check_activation<TestType, gelu>(golden);
  check_activation<TestType, silu>(golden);
  check_activation<TestType, softplus>(golden);
  check_activation<TestType, activations::tanh>(golden);
  check_activation<TestType, sigmoid>(golden);
  check_activation<TestType, hard_sigmoid>(golden);
}

}  // namespace test_activations
