#include <conformance/small_autoencoder.hpp>

namespace test_families {

using namespace eigencoder;
using test::Golden;
using test::Small;

namespace {

/// The noise of a golden file, the same in every epoch.
struct KnownNoise {
  Matrix<double> noise;

  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox&) const {
    for (std::size_t k = 0; k < values.size(); ++k)
      values[k] += static_cast<Scalar>(noise(sample, first + static_cast<Index>(k)));
  }
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("sparse autoencoders agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("sparse");
  test::check_training<Small<TestType, relu, sigmoid, elu>>(
      golden, "kl", BinaryCrossentropy{} + KlSparsity{.rho = 0.1, .weight = 0.25}, Adam{.learning_rate = 1e-2});
  test::check_training<Small<TestType>>(golden, "l1", BinaryCrossentropy{} + L1Activity{.weight = 0.125},
                                        Adam{.learning_rate = 1e-2});
}

TEMPLATE_LIST_TEST_CASE("denoising autoencoders agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("denoising");
  const auto clean = golden.matrix<TestType>("input");
  const Matrix<TestType> noisy = clean + golden.matrix<TestType>("noise");
  const auto check = [&](const Samples& samples) {
    Small<TestType> model;
    test::set_parameters(model, golden, "initial.");
    const auto losses = test::train(model, samples, MeanSquaredError{}, Adam{.learning_rate = 1e-2}, test::small_batch,
                                    test::golden_steps, 2);
    test::check_agrees<TestType>(golden, "adam.loss", losses);
    const Index kept = golden.tensor("adam.output").shape[0];
    test::check_agrees<TestType>(golden, "adam.output", model.reconstruct(test::top(noisy, kept)));
    test::check_parameters(model, golden, "adam.");
  };
  check(Samples(clean, {}, KnownNoise{golden.matrix<double>("noise")}));
  check(Samples(noisy, clean));
}

TEMPLATE_LIST_TEST_CASE("variational autoencoders agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("variational");
  using Model = VariationalAutoencoder<Sequential<Shape{13}, Dense<9, relu>>,
                                       Sequential<Shape{6}, Dense<9, relu>, Dense<13, sigmoid>>, 6, TestType>;
  const auto input = golden.matrix<TestType>("input");
  const auto check = [&](const std::string& name, const auto& loss) {
    CAPTURE(name);
    Model model;
    test::set_parameters(model, golden, "initial.");
    std::map<std::string, std::vector<double>> seen;
    test::train(model, Samples(input), loss, Adam{.learning_rate = 1e-2}, test::small_batch, test::golden_steps, 2,
                Seed{7}, [&](const auto&, const StepResult& taken) {
                  seen["loss"].push_back(taken.loss);
                  for (const Metric& metric : taken.metrics) seen[std::string(metric.name)].push_back(metric.value);
                });
    for (const char* metric : {"loss", "reconstruction", "kl"})
      test::check_agrees<TestType>(golden, name + "." + metric, seen[metric]);
    test::check_parameters(model, golden, name + ".");
  };
  check("bce", BinaryCrossentropy{});
  check("mse_beta", EvidenceLowerBound<MeanSquaredError>{.beta = 0.25});
}

}  // namespace test_families
