#include <eigencoder/eigencoder.hpp>

#include "gradients/model_harness.hpp"

namespace test_evaluate {

/// `History::loss`, `History::validation_loss` and `evaluate` are one quantity.

using namespace eigencoder;

namespace {

using Decoder = Sequential<Shape{3}, Dense<10, sigmoid, l2(0.1)>>;
template <class... Layers>
using Model = Autoencoder<Sequential<Shape{10}, Layers...>, Decoder, double>;

const SGD still{.learning_rate = 1e-300};  // so small that the parameters stay

/// One epoch of one batch, the same data for validation, and evaluate: must agree, and be `more` than the plain loss.
template <class Model, class Loss>
void check(const Loss& loss, const Matrix<double>& x = test::smooth_samples(37, Shape{10}).matrix<double>()) {
  for (const Index threads : {1, 2, 3}) {
    Model model{Seed{4}};
    const History history =
        fit(model, x, loss, still, {.batch_size = x.rows(), .validation = x, .threads = threads, .progress = false});
    CHECK(history.validation_loss[0] == test::Approx(history.loss[0]).epsilon(1e-12));
    CHECK(evaluate(model, x, loss, static_cast<int>(threads), x.rows()) ==
          test::Approx(history.loss[0]).epsilon(1e-12));
    CHECK(history.loss[0] > 1.001 * model.reconstruction_error(x, IgnoreMissing{MeanSquaredError{}}).mean());
  }
}

}  // namespace

TEST_CASE("loss, validation loss and evaluate are the same quantity") {
  const L1Activity l1{.weight = 0.3};
  const KlSparsity kl{.rho = 0.1, .weight = 0.7};
  SECTION("kernel regularisers") { check<Model<Dense<3, sigmoid, l1_l2(0.01, 0.02)>>>(MeanSquaredError{}); }
  SECTION("penalties on the code") {
    check<Model<Dense<3, sigmoid>>>(MeanSquaredError{} + l1);
    check<Model<Dense<3, sigmoid>>>(MeanSquaredError{} + kl);
    check<Model<Dense<3, sigmoid>>>(Weighted{MeanSquaredError{} + kl, Eigen::VectorXd::Ones(10)} + l1);
  }
  SECTION("layers that add to the loss") {
    check<Model<Contractive<Dense<3, sigmoid>, 0.5>>>(MeanSquaredError{} + l1);
    check<Model<Dense<3>, VectorQuantizer<4>>>(MeanSquaredError{});
  }
  SECTION("variational autoencoders") {
    using Variational = VariationalAutoencoder<Sequential<Shape{10}, Dense<6, relu, l2(0.1)>>, Decoder, 3, double>;
    check<Variational>(BinaryCrossentropy{});
    check<Variational>(EvidenceLowerBound<MeanSquaredError>{.beta = 3, .free_bits = 0.1} + l1);
  }
  SECTION("missing values") {
    Matrix<double> x = test::smooth_samples(37, Shape{10}).matrix<double>();
    for (Index i = 0; i < x.rows(); ++i) x(i, i % 10) = NAN;
    check<Model<Dense<3, sigmoid>>>(IgnoreMissing{MeanSquaredError{}} + l1 + kl, x);
  }
}

TEST_CASE("a penalty on the batch's mean code is evaluated over batches as it was trained") {
  const Matrix<double> x = test::smooth_samples(37, Shape{10}).matrix<double>();
  const auto loss = MeanSquaredError{} + KlSparsity{.rho = 0.1, .weight = 0.7};
  Model<Dense<3, sigmoid>> model{Seed{4}};
  const auto trained = [&](Index batch_size) {
    return fit(model, x, loss, still,
               {.batch_size = batch_size, .shuffle = false, .validation = x, .threads = 2, .progress = false});
  };
  for (const Index batch_size : {1, 10, 32, 100}) {
    const History history = trained(batch_size);
    CHECK(history.validation_loss[0] == test::Approx(history.loss[0]).epsilon(1e-12));
    CHECK(evaluate(model, x, loss, 2, batch_size) == test::Approx(history.loss[0]).epsilon(1e-12));
  }
  // The batches matter, and both have the same default.
  CHECK(trained(1).loss[0] > 1.001 * trained(100).loss[0]);
  CHECK(evaluate(model, x, loss) == test::Approx(trained(32).validation_loss[0]).epsilon(1e-12));
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { (void)evaluate(model, x, loss, 1, 0); }),
             test::contains("batch_size is 0"));
}

}  // namespace test_evaluate
