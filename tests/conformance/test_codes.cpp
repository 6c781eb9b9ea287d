#include <conformance/training.hpp>
#include <eigencoder/layers/contractive.hpp>
#include <eigencoder/layers/top_k.hpp>
#include <eigencoder/layers/vector_quantizer.hpp>
#include <eigencoder/losses/ignore_missing.hpp>
#include <eigencoder/losses/weighted.hpp>

namespace test_codes {

using namespace eigencoder;
using test::Golden;

namespace {

constexpr Index batch_size = 40;

/// 20 steps on one thread and on three, from and to the file's weights.
template <class Model, class Loss, class Optimizer>
void check_case(const Golden& golden, const std::string& name, const Samples& samples,
                const Matrix<typename Model::Scalar>& input, const Loss& loss, const Optimizer& optimizer) {
  using Scalar = typename Model::Scalar;
  for (const int threads : {1, 3}) {
    CAPTURE(name, threads, sizeof(Scalar));
    Model model;
    test::set_parameters(model, golden, name + ".initial.");
    const auto losses = test::train(model, samples, loss, optimizer, batch_size, test::golden_steps, threads);
    test::check_agrees<Scalar>(golden, name + ".loss", losses);
    const Index kept = golden.tensor(name + ".output").shape[0];
    test::check_agrees<Scalar>(golden, name + ".output", model.reconstruct(test::top(input, kept)));
    test::check_parameters(model, golden, name + ".final.");
  }
}

template <class Scalar, class... Layers>
using Coded = Autoencoder<Sequential<Shape{11}, Layers...>,
                          Sequential<Sequential<Shape{11}, Layers...>::output, Dense<11, sigmoid>>, Scalar>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("weighted and missing features agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("weighted_losses");
  using Model = Coded<TestType, Dense<5, activations::tanh>>;
  const auto input = golden.matrix<TestType>("input");
  const auto& weights = golden.values("weights");
  const Weighted weighted{MeanSquaredError{},
                          Eigen::VectorXd(Eigen::VectorXd::Map(weights.data(), static_cast<Index>(weights.size())))};
  check_case<Model>(golden, "weighted", Samples(input), input, weighted, Adam{.learning_rate = 1e-2});

  const auto holes = golden.matrix<TestType>("holes");
  const Matrix<TestType> filled =
      holes.array().isNaN().select(Matrix<TestType>::Zero(holes.rows(), holes.cols()), holes);
  check_case<Model>(golden, "missing", Samples(filled, holes), filled, IgnoreMissing{MeanSquaredError{}},
                    Adam{.learning_rate = 1e-2});
}

TEMPLATE_LIST_TEST_CASE("contractive, k-sparse and quantised codes agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("codes");
  const auto input = golden.matrix<TestType>("input");
  const auto check = [&]<class Model>(std::type_identity<Model>, const std::string& name, const auto& optimizer) {
    check_case<Model>(golden, name, Samples(input), input, MeanSquaredError{}, optimizer);
  };
  check(std::type_identity<Coded<TestType, Contractive<Dense<6, sigmoid>, 0.125>>>{}, "contractive",
        Adam{.learning_rate = 1e-2});
  check(std::type_identity<Coded<TestType, Contractive<Dense<6, activations::tanh>, 0.125>>>{}, "contractive_tanh",
        SGD{.learning_rate = 0.5});
  check(std::type_identity<Coded<TestType, Dense<9>, TopK<3>>>{}, "top_k", Adam{.learning_rate = 1e-2});
  using Quantised = Autoencoder<
      Sequential<Shape{11}, Dense<12, activations::tanh>, Reshape<Shape{2, 2, 3}>, VectorQuantizer<7, commitment(0.5)>>,
      Sequential<Shape{2, 2, 3}, Flatten, Dense<11, sigmoid>>, TestType>;
  check(std::type_identity<Quantised>{}, "quantised", Adam{.learning_rate = 1e-2});
}

}  // namespace test_codes
