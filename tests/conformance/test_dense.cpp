#include <conformance/small_autoencoder.hpp>

namespace test_dense {

using namespace eigencoder;
using test::check_training;
using test::Golden;
using test::Small;

TEMPLATE_LIST_TEST_CASE("optimisers agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("dense_optimizers");
  const auto check = [&](const std::string& name, const auto& optimizer) {
    check_training<Small<TestType>>(golden, name, BinaryCrossentropy{}, optimizer);
  };
  check("sgd", SGD{.learning_rate = 0.5});
  check("sgd_momentum", SGD{.learning_rate = 0.5, .momentum = 0.9});
  check("sgd_nesterov", SGD{.learning_rate = 0.5, .momentum = 0.9, .nesterov = true});
  check("adam", Adam{.learning_rate = 1e-2});
  check("adam_betas", Adam{.learning_rate = 1e-2, .beta_1 = 0.8, .beta_2 = 0.95, .epsilon = 1e-3});
}

TEMPLATE_LIST_TEST_CASE("gradient clipping agrees with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("dense_clipping");
  const auto check = [&](const std::string& name, const auto& optimizer) {
    check_training<Small<TestType>>(golden, name, MeanSquaredError{}, optimizer);
  };
  check("clipnorm", SGD{.learning_rate = 2, .clipnorm = 0.006});
  check("clipvalue", SGD{.learning_rate = 2, .clipvalue = 0.001});
  check("global_clipnorm", SGD{.learning_rate = 2, .momentum = 0.5, .global_clipnorm = 0.018});
  check("adam_clipvalue", Adam{.learning_rate = 1e-2, .clipvalue = 0.001});
}

TEMPLATE_LIST_TEST_CASE("losses agree with Keras and PyTorch in training", "", test::Scalars) {
  const Golden golden("dense_losses");
  check_training<Small<TestType>>(golden, "mse", MeanSquaredError{}, Adam{.learning_rate = 1e-2});
  check_training<Small<TestType>>(golden, "mae", MeanAbsoluteError{}, Adam{.learning_rate = 1e-2});
  check_training<Small<TestType>>(golden, "bce", BinaryCrossentropy{}, SGD{.learning_rate = 1});
}

TEMPLATE_LIST_TEST_CASE("the dense autoencoder of the examples agrees with Keras and PyTorch", "", test::Scalars) {
  using Model =
      Autoencoder<Sequential<Shape{784}, Dense<32, relu>>, Sequential<Shape{32}, Dense<784, sigmoid>>, TestType>;
  const Golden golden("dense_model");
  test::check_large_model<Model>(golden, 400, 350, 100, 1);
  test::check_large_model<Model>(golden, 400, 350, 100, 2);
}

TEST_CASE("fit takes the same steps as Keras's") {
  const Golden golden("dense_optimizers");
  const auto input = golden.matrix<double>("input");
  Small<double> model;
  test::set_parameters(model, golden, "initial.");
  const History history = fit(model, input, BinaryCrossentropy{}, Adam{.learning_rate = 1e-2},
                              {.epochs = 5, .batch_size = test::small_batch, .shuffle = false, .progress = false});
  test::check_parameters(model, golden, "adam.");
  const auto& steps = golden.values("adam.loss");
  for (std::size_t epoch = 0; epoch < history.epochs(); ++epoch) {
    double mean = 0;  // over the samples, of which the last of four batches has 20
    for (std::size_t step = 0; step < 4; ++step) mean += steps[4 * epoch + step] * (step < 3 ? 40 : 20) / 140;
    CHECK(history.loss[epoch] == test::Approx(mean).epsilon(1e-10));
  }
}

}  // namespace test_dense
