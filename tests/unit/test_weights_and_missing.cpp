#include <eigencoder/eigencoder.hpp>
#include <eigencoder/losses/ignore_missing.hpp>
#include <eigencoder/losses/weighted.hpp>

#include "gradients/model_harness.hpp"

namespace test_weights_and_missing {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{3, 2, 2}, Flatten, Dense<5, eigencoder::tanh>>;
using Decoder = Sequential<Encoder::output, Dense<12, sigmoid>, Reshape<Shape{3, 2, 2}>>;
using Model = Autoencoder<Encoder, Decoder, double>;

Matrix<double> samples(Index count) { return test::smooth_samples(count, Shape{12}).matrix<double>(); }

Eigen::VectorXd weights(Index count) {
  Eigen::VectorXd w(count);
  for (Index i = 0; i < count; ++i) w[i] = 0.25 * static_cast<double>(i % 5);
  return w;
}

/// 1/n sum_k v_k (y_k - t_k)^2 of each sample, NaNs left out.
Eigen::VectorXd squared_errors(const Matrix<double>& y, const Matrix<double>& t, const Eigen::VectorXd& v) {
  Eigen::VectorXd losses = Eigen::VectorXd::Zero(y.rows());
  for (Index i = 0; i < y.rows(); ++i)
    for (Index k = 0; k < y.cols(); ++k)
      if (!std::isnan(t(i, k))) losses[i] += v[k] * (y(i, k) - t(i, k)) * (y(i, k) - t(i, k)) / 12;
  return losses;
}

constexpr double rate = 1e-12;  // so small that the parameters stay

}  // namespace

TEST_CASE("sample weights: the loss is sum w_i l_i / n") {
  const int threads = GENERATE(1, 2, 3);
  const Matrix<double> x = samples(43);
  const Eigen::VectorXd w = weights(43);
  Model model{Seed{1}};
  const Eigen::VectorXd each = model.reconstruction_error(x);
  const Samples data(x, {}, {}, w);
  std::vector<Index> numbers(30);
  for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = static_cast<Index>((7 * k + 3) % 43);
  double expected = 0;
  for (const Index i : numbers) expected += w[i] * each[i] / 30;

  Trainer trainer(model, MeanSquaredError{}, SGD{.learning_rate = rate}, Seed{}, threads);
  CHECK(trainer.evaluate(data) == test::Approx(w.dot(each) / 43).epsilon(1e-12));
  CHECK(trainer.step(data, numbers) == test::Approx(expected).epsilon(1e-12));
  test::check_model_gradient(model, data, MeanSquaredError{}, {.threads = threads});
}

TEST_CASE("a sample of weight 2 is worth two, one of weight 0 is not there") {
  const Matrix<double> x = samples(20);
  Eigen::VectorXd w = Eigen::VectorXd::Ones(20);
  w[4] = 2;
  w[7] = 0;
  Matrix<double> twice = x;
  twice.row(7) = x.row(4);
  Model weighted{Seed{1}}, plain{Seed{1}};
  const FitOptions options{.epochs = 3, .batch_size = 20, .shuffle = false, .threads = 1, .progress = false};
  FitOptions with_weights = options;
  with_weights.sample_weights = w;
  const History a = fit(weighted, x, BinaryCrossentropy{}, SGD{.learning_rate = 0.5}, with_weights);
  const History b = fit(plain, twice, BinaryCrossentropy{}, SGD{.learning_rate = 0.5}, options);
  test::Worst worst;
  for (std::size_t k = 0; k < plain.parameters().size(); ++k)
    worst.compare(weighted.parameters()[k], plain.parameters()[k]);
  worst.require_below(1e-13, "parameters");
  CHECK(a.loss.back() == test::Approx(b.loss.back()).epsilon(1e-13));
}

TEST_CASE("validation_split takes the sample weights along") {
  const Matrix<double> x = samples(40);
  const Eigen::VectorXd w = weights(40);
  Model model{Seed{1}};
  const History history = fit(model, x, MeanSquaredError{}, SGD{.learning_rate = rate},
                              {.batch_size = 7, .validation_split = 0.25, .sample_weights = w, .progress = false});
  const Eigen::VectorXd each = model.reconstruction_error(x);
  CHECK(history.loss[0] == test::Approx(w.head(30).dot(each.head(30)) / 30).epsilon(1e-9));
  CHECK(history.validation_loss[0] == test::Approx(w.tail(10).dot(each.tail(10)) / 10).epsilon(1e-9));
}

TEST_CASE("feature weights: 1/n sum v_k l(y_k, t_k)") {
  const Matrix<double> x = samples(21);
  const Eigen::VectorXd v = weights(12);
  Model model{Seed{1}};
  const Eigen::VectorXd expected = squared_errors(model.reconstruct(x), x, v);
  CHECK(model.reconstruction_error(x, Weighted{MeanSquaredError{}, v}).isApprox(expected, 1e-13));
  test::check_model_gradient(model, Samples(x), Weighted{MeanSquaredError{}, v}, {.threads = 2});
  // The cells of an image are weighted where they lie, and logits serve as in the plain loss.
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(12);
  CHECK(model.reconstruction_error(x, Weighted{BinaryCrossentropy{}, ones})
            .isApprox(model.reconstruction_error(x, BinaryCrossentropy{}), 1e-13));
  test::check_model_gradient(model, Samples(x), Weighted{BinaryCrossentropy{}, v});
  test::check_model_gradient(model, Samples(x), Weighted{Huber{.delta = 0.1}, v} + L1Activity{.weight = 0.1});
}

TEST_CASE("missing values are left out") {
  Matrix<double> x = samples(37);
  for (Index i = 0; i < x.rows(); ++i) x(i, (5 * i) % 12) = NAN;
  x.row(7).setConstant(NAN);  // a sample that tells nothing
  const Matrix<double> zeros = x.array().isNaN().select(0.0, x);
  Model model{Seed{1}};
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(12);
  const Eigen::VectorXd expected = squared_errors(model.reconstruct(zeros), x, ones);
  const IgnoreMissing loss{MeanSquaredError{}};
  CHECK(expected[7] == 0);
  CHECK(model.reconstruction_error(x, loss).isApprox(expected, 1e-13));
  CHECK(evaluate(model, x, loss) == test::Approx(expected.mean()).epsilon(1e-13));
  CHECK(model.reconstruction_error(zeros, loss).isApprox(model.reconstruction_error(zeros), 1e-13));

  const History history = fit(model, x, loss, SGD{.learning_rate = rate},
                              {.batch_size = 10, .validation = x, .threads = 2, .progress = false});
  CHECK(history.loss[0] == test::Approx(expected.mean()).epsilon(1e-9));
  CHECK(history.validation_loss[0] == test::Approx(expected.mean()).epsilon(1e-9));

  const Samples data = Samples(x).with_complete_input();
  test::check_model_gradient(model, data, loss, {.threads = 2});
  test::check_model_gradient(model, data, IgnoreMissing{BinaryCrossentropy{}});
  const Eigen::VectorXd v = weights(12);
  const Weighted both{loss, v};
  CHECK(model.reconstruction_error(x, both).isApprox(squared_errors(model.reconstruct(zeros), x, v), 1e-13));
  test::check_model_gradient(model, data, both);
}

TEST_CASE("filling missing values keeps shape and labels, and what is complete as it is") {
  Matrix<float> x = Matrix<float>::Ones(3, 4);
  const Dataset complete(x, Shape{2, 2, 1});
  x(1, 2) = NAN;
  const Dataset filled = without_missing(Dataset(x, Shape{2, 2, 1}).with_labels({4, 5, 6}), 0.5);
  CHECK(filled.shape() == Shape{2, 2, 1});
  CHECK(std::ranges::equal(filled.labels(), std::vector<int>{4, 5, 6}));
  CHECK(filled.matrix<float>()(1, 2) == 0.5F);
  CHECK(filled.matrix<float>().sum() == 11.5F);
  x(1, 2) = 1;
  x(0, 0) = 9;
  CHECK(without_missing(complete).matrix<float>()(0, 0) == 9);  // still the matrix itself
}

TEST_CASE("weights and values that cannot be are refused") {
  Matrix<double> x = samples(10);
  Model model;
  const auto refusal = [&](auto loss, FitOptions options) {
    options.progress = false;
    return test::message_of<std::invalid_argument>([&] { fit(model, x, loss, SGD{}, options); });
  };
  Eigen::VectorXd w = Eigen::VectorXd::Ones(10);
  CHECK_THAT(refusal(MeanSquaredError{}, {.sample_weights = w.head(9)}), test::contains("9 weights for 10 samples"));
  w[3] = -1;
  CHECK_THAT(refusal(MeanSquaredError{}, {.sample_weights = w}), test::contains("the weight of sample 3 is -1"));
  CHECK_THAT(refusal(MeanSquaredError{}, {.sample_weights = Eigen::VectorXd::Zero(10)}),
             test::contains("the weights of all samples are 0"));
  Eigen::VectorXd v = Eigen::VectorXd::Ones(11);
  CHECK_THAT(refusal(Weighted{MeanSquaredError{}, v}, {.threads = 2}),
             test::contains("11 weights for outputs of shape (3, 2, 2)"));
  CHECK_THROWS_AS(evaluate(model, x, Weighted{MeanSquaredError{}, v}), std::invalid_argument);
  v.resize(12);
  v.setConstant(NAN);
  CHECK_THAT(refusal(Weighted{MeanSquaredError{}, v}, {}), test::contains("the weight of feature 0 is nan"));
  CHECK_THAT(refusal(IgnoreMissing{Huber{.delta = -1}}, {.threads = 2}), test::contains("delta"));
  x(2, 3) = INFINITY;
  CHECK_THAT(refusal(IgnoreMissing{MeanSquaredError{}}, {}), test::contains("sample 2, feature 3"));
}

}  // namespace test_weights_and_missing
