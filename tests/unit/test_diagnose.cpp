#include <eigencoder/inspect/diagnose.hpp>
#include <eigencoder/inspect/learning_rate_range_test.hpp>
#include <limits>

#include "gradients/model_harness.hpp"
#include "support/catch.hpp"

namespace test_diagnose {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{20}, Dense<32, relu>, Dense<2>>;
using Decoder = Sequential<Encoder::output, Dense<32, relu>, Dense<20, sigmoid>>;
using Model = Autoencoder<Encoder, Decoder>;
using Variational = VariationalAutoencoder<Sequential<Shape{20}, Dense<32, eigencoder::tanh>>, Decoder, 2>;

/// A closed curve in 20 dimensions, of which two principal components tell a quarter.
Matrix<float> curve(Index count, double noise = 0.01) {
  Random random(Seed{3}, Stream::parameters);
  return Matrix<float>::NullaryExpr(count, 20, [&](Index i, Index k) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(i * 7 % count) / static_cast<double>(count);
    const double x = 0.45 * std::sin(turn * static_cast<double>(1 + k % 4) + static_cast<double>(k));
    return static_cast<float>(0.5 + x + noise * random.normal<double>());
  });
}

FitOptions quiet(Index epochs) {
  return {.epochs = epochs, .validation_split = 0.25, .seed = 1, .threads = 1, .progress = false, .warnings = false};
}

std::string sentences(const Diagnosis& diagnosis) {
  std::string all;
  for (const Finding& finding : diagnosis.findings) all += finding.what + ". " + finding.advice + ".\n";
  return all;
}

bool only(const Diagnosis& diagnosis, Sickness sickness) {
  return diagnosis.findings.size() == 1 && diagnosis.findings[0].sickness == sickness;
}

template <class AnyModel>
std::span<float> tensor(AnyModel& model, const std::string& name) {
  for (const NamedTensor& each : AnyModel::tensors())
    if (each.name == name)
      return model.parameters().subspan(static_cast<std::size_t>(each.offset), static_cast<std::size_t>(each.size()));
  throw std::invalid_argument("no tensor " + name);
}

}  // namespace

TEST_CASE("nothing is found in healthy models") {
  const Matrix<float> data = curve(400);
  Model dense{Seed{1}};
  const History dense_history = fit(dense, data, MeanSquaredError{}, Adam{.learning_rate = 5e-3}, quiet(80));
  CHECK(sentences(diagnose(dense, data, dense_history)) == "");

  Variational variational{Seed{1}};
  const auto bound = EvidenceLowerBound<MeanSquaredError>{.beta = 0.05};
  const History bound_history = fit(variational, data, bound, Adam{.learning_rate = 5e-3}, quiet(80));
  CHECK(sentences(diagnose(variational, data, bound_history, bound)) == "");

  // Bright squares of three sizes anywhere in 8 x 8 pixels.
  Matrix<float> images = Matrix<float>::Zero(324, 64);
  for (Index i = 0; i < images.rows(); ++i)
    for (Index cell = 0; cell < 64; ++cell) {
      const Index size = 2 + i % 3, row = cell / 8 - i / 3 % 6, column = cell % 8 - i / 18 % 6;
      if (row >= 0 && row < size && column >= 0 && column < size) images(i, cell) = 1;
    }
  using Small = Sequential<Shape{8, 8, 1}, Conv2D<8, 3, relu, same>, MaxPool2D<2>, Flatten, Dense<6>>;
  using Back = Sequential<Small::output, Dense<64, relu>, Dense<64, sigmoid>, Reshape<Shape{8, 8, 1}>>;
  Autoencoder<Small, Back> conv{Seed{1}};
  const Dataset squares(images, Shape{8, 8, 1});
  const History conv_history = fit(conv, squares, BinaryCrossentropy{}, Adam{.learning_rate = 3e-3}, quiet(60));
  CHECK(sentences(diagnose(conv, squares, conv_history, BinaryCrossentropy{})) == "");
}

TEST_CASE("values that are not finite are found where they begin") {
  Matrix<float> data = curve(64);
  const Model healthy{Seed{1}};
  data(3, 7) = std::numeric_limits<float>::quiet_NaN();
  const Diagnosis missing = diagnose(healthy, data);
  CHECK(only(missing, Sickness::not_finite));
  CHECK_THAT(missing.findings[0].what, test::contains("sample 3, feature 7"));
  const Diagnosis ignored = diagnose(healthy, data, {}, IgnoreMissing{MeanSquaredError{}});
  CHECK(!ignored.has(Sickness::not_finite));
  CHECK(std::isfinite(ignored.error));
  CHECK(std::isfinite(ignored.baselines.pca));

  data(3, 7) = 0;
  Model broken{Seed{1}};
  tensor(broken, "encoder.1.kernel")[5] = std::numeric_limits<float>::infinity();
  const Diagnosis parameters = diagnose(broken, data);
  CHECK(only(parameters, Sickness::not_finite));
  CHECK_THAT(parameters.findings[0].what, test::contains("1 of 64 parameters in encoder.1.kernel"));

  Model huge{Seed{1}};
  std::ranges::fill(tensor(huge, "encoder.0.kernel"), 1e20f);
  std::ranges::fill(tensor(huge, "encoder.1.kernel"), 1e20f);
  const Diagnosis activations = diagnose(huge, data);
  CHECK(only(activations, Sickness::not_finite));
  CHECK_THAT(activations.findings[0].what, test::contains("encoder.1 (Dense)"));

  History history;
  history.loss = {1, 0.5, std::numeric_limits<double>::infinity()};
  const Diagnosis diverged = diagnose(healthy, data, history);
  CHECK(only(diverged, Sickness::not_finite));
  CHECK_THAT(diverged.findings[0].what, test::contains("epoch 3"));
}

TEST_CASE("data that do not suit the model are found") {
  const Model model{Seed{1}};
  const Diagnosis scaled = diagnose(model, Matrix<float>(3 * curve(64)));
  CHECK(scaled.has(Sickness::out_of_reach));
  CHECK(!scaled.has(Sickness::unequal_scales));

  using Free = Autoencoder<Encoder, Sequential<Encoder::output, Dense<20>>>;
  Matrix<float> table = curve(64);
  CHECK(!diagnose(Free{}, table).has(Sickness::unequal_scales));
  table.col(4) *= 1000;
  const Diagnosis unequal = diagnose(Free{}, table);
  CHECK(unequal.has(Sickness::unequal_scales));
  CHECK_THAT(sentences(unequal), test::contains("Feature 4 varies"));
  CHECK(!diagnose(Free{}, Dataset(table, Shape{4, 5, 1})).has(Sickness::unequal_scales));

  const Diagnosis negative = diagnose(Free{}, Matrix<float>(-curve(64)), {}, BinaryCrossentropy{});
  CHECK_THAT(sentences(negative), test::contains("the loss is defined in [0, 1]"));
}

TEST_CASE("units that are dead or saturated are found, and codes that nobody uses") {
  const Matrix<float> data = curve(64);
  Model dead{Seed{1}};
  const auto biases = tensor(dead, "decoder.0.bias");
  std::fill_n(biases.begin(), 16, -1e3f);
  const Diagnosis some = diagnose(dead, data);
  CHECK(some.has(Sickness::dead_units));
  CHECK_THAT(sentences(some), test::contains("16 of 32 units of decoder.0 (Dense relu)"));
  CHECK(some.layers[2].dead.size() == 16);
  CHECK(some.layers[2].dead.back() == 15);

  Variational saturated{Seed{1}};
  for (float& weight : tensor(saturated, "encoder.0.kernel")) weight *= 1e4f;
  const Diagnosis ends = diagnose(saturated, data);
  CHECK(ends.has(Sickness::saturated_units));
  CHECK(ends.layers[0].saturated.size() > 16);

  Model narrow{Seed{1}};
  const auto kernel = tensor(narrow, "encoder.1.kernel");
  for (std::size_t k = 1; k < kernel.size(); k += 2) kernel[k] *= 1e-3f;
  const Diagnosis unused = diagnose(narrow, data);
  CHECK(unused.has(Sickness::unused_code));
  CHECK_THAT(sentences(unused), test::contains("1 of 2 units of the code hardly vary (1)"));

  Variational collapsed{Seed{1}};
  const auto bound = EvidenceLowerBound<MeanSquaredError>{.beta = 10};
  const History history = fit(collapsed, data, bound, Adam{.learning_rate = 1e-2}, quiet(60));
  const Diagnosis posterior = diagnose(collapsed, data, history, bound);
  CHECK(posterior.has(Sickness::unused_code));
  CHECK_THAT(sentences(posterior), test::contains("2 of 2 latent units have collapsed (0, 1)"));

  using Symbols = Sequential<Shape{20}, Dense<8>, Reshape<Shape{1, 4, 2}>, VectorQuantizer<16>>;
  Autoencoder<Symbols, Sequential<Symbols::output, Flatten, Dense<20>>> quantized{Seed{1}};
  const auto codebook = tensor(quantized, "encoder.2.codebook");
  std::fill(codebook.begin() + 2, codebook.end(), 1e3f);
  CHECK_THAT(sentences(diagnose(quantized, data)), test::contains("15 of 16 codes are hardly ever chosen"));
}

TEST_CASE("a model that gives the mean, or does worse than PCA, is found") {
  const Matrix<float> data = curve(200);
  Model mean{Seed{1}};
  std::ranges::fill(tensor(mean, "decoder.1.kernel"), 0.0f);
  const Diagnosis flat = diagnose(mean, data);
  CHECK(flat.has(Sickness::collapse_to_mean));
  CHECK_THAT(sentences(flat), test::contains("vary 0 % as much as the samples"));

  Model young{Seed{1}};
  fit(young, data, MeanSquaredError{}, Adam{}, quiet(25));
  const Diagnosis early = diagnose(young, data);
  CHECK(early.has(Sickness::worse_than_pca));
  CHECK(early.error > early.baselines.pca);
  CHECK(early.baselines.pca < early.baselines.mean);
}

TEST_CASE("over-fitting and learning rates that are too high or too low are found") {
  const Matrix<float> noise = (Matrix<float>::Random(24, 20).array() + 1) / 2;
  Model large{Seed{1}};
  FitOptions one_at_a_time = quiet(200);
  one_at_a_time.batch_size = 8;
  const History learnt = fit(large, noise, MeanSquaredError{}, Adam{.learning_rate = 1e-2}, one_at_a_time);
  CHECK(diagnose(large, noise, learnt).has(Sickness::over_fitting));

  const Matrix<float> data = curve(200);
  const auto trained = [&](double rate, Index epochs) {
    Model model{Seed{1}};
    const History history = fit(model, data, MeanSquaredError{}, Adam{.learning_rate = rate}, quiet(epochs));
    return diagnose(model, data, history);
  };
  const Diagnosis fast = trained(3, 10), slow = trained(1e-6, 10), short_of_epochs = trained(3e-4, 4);
  INFO(sentences(fast) << sentences(slow) << sentences(short_of_epochs));
  CHECK(fast.has(Sickness::learning_rate_too_high));
  CHECK(slow.has(Sickness::learning_rate_too_low));
  CHECK(short_of_epochs.has(Sickness::learning_rate_too_low));
  CHECK(!slow.has(Sickness::learning_rate_too_high));

  History rising;
  rising.loss = {1, 0.5, 0.25, 0.2};
  rising.validation_loss = {1, 0.5, 0.2, 0.22};
  CHECK(diagnose(Model{Seed{1}}, data, rising).has(Sickness::over_fitting));
}

TEST_CASE("a loss that rises with beta is no fault of the learning rate") {
  const Matrix<float> data = curve(50);
  const Variational model{Seed{1}};
  const auto bound = [](Beta beta) { return EvidenceLowerBound<MeanSquaredError>{.beta = beta}; };
  const Beta constant = 1, rising = LinearWarmUp{.steps = 100};
  History history;
  history.loss = {1, 2, 3, 4};
  const auto blamed = [&](const auto& loss) {
    return diagnose(model, data, history, loss).has(Sickness::learning_rate_too_high);
  };
  CHECK(blamed(bound(constant)));
  CHECK(!blamed(bound(rising)));
  CHECK(!blamed(MeanSquaredError{}));  // which does not tell what beta was
  history.validation_loss = {4, 3, 2, 1};
  CHECK(!blamed(bound(rising)));
  history.validation_loss = {1, 2, 3, 4};
  CHECK(blamed(bound(rising)));
}

TEST_CASE("a learning-rate range test finds a rate that trains, and leaves the model alone") {
  const Matrix<float> data = curve(400);
  const Model model{Seed{1}};
  const RangeTest test = learning_rate_range_test(model, data, MeanSquaredError{}, Adam{}, {.to = 10, .threads = 1});
  REQUIRE(test.rate.size() == test.loss.size());
  CHECK(test.rate.front() == test::Approx(1e-6));
  CHECK(test.rate[1] / test.rate[0] == test::Approx(std::pow(1e7, 1.0 / 99)));
  CHECK(test.suggested > 1e-4);
  CHECK(test.suggested < 1e-1);
  CHECK(std::ranges::equal(model.parameters(), Model{Seed{1}}.parameters()));
  const auto loss_with = [&](double rate) {
    Model own = model;
    return fit(own, data, MeanSquaredError{}, Adam{.learning_rate = rate}, quiet(10)).loss.back();
  };
  const double suggested = loss_with(test.suggested);
  CHECK(suggested < loss_with(test.suggested / 1000));
  CHECK(suggested < loss_with(test.suggested * 1000));

  const auto message = [&](RangeTestOptions options) {
    return test::message_of<std::invalid_argument>(
        [&] { (void)learning_rate_range_test(model, data, MeanSquaredError{}, Adam{}, options); });
  };
  CHECK_THAT(message({.from = 1}), test::contains("from < to"));
  CHECK_THAT(message({.steps = 1}), test::contains("steps"));
  CHECK_THAT(message({.batch_size = 0}), test::contains("batch"));
}

TEST_CASE("principal components are eigenvectors of the covariance, by the smaller product") {
  const Matrix<double> x = curve(12).cast<double>();
  for (const Matrix<double>& samples : {x, Matrix<double>(x.leftCols(5))}) {
    const PrincipalComponents components(samples);
    const Matrix<double> centred = samples.rowwise() - samples.colwise().mean();
    CHECK(components.variances().sum() == test::Approx(centred.squaredNorm() / 12));
    const Matrix<double> two = components.project(2);
    CHECK(two.col(0).squaredNorm() / 12 == test::Approx(components.variances()[0]));
    CHECK(two.col(0).dot(two.col(1)) == test::Approx(0).margin(1e-9));
    const double error = (components.reconstruct(2) - samples).squaredNorm() / 12;
    CHECK(error == test::Approx(components.variances().tail(components.variances().size() - 2).sum()));
    CHECK((components.reconstruct(20) - samples).norm() < 1e-9);
  }
  const PrincipalComponents same(Matrix<double>::Constant(3, 4, 0.5));
  CHECK(same.project(2).norm() == 0);
  CHECK_THROWS_AS(PrincipalComponents(Matrix<double>(0, 3)), std::invalid_argument);
  CHECK_THROWS_AS(PrincipalComponents(Matrix<double>::Constant(3, 3, INFINITY)), std::invalid_argument);

  Matrix<double> missing = x;
  missing(0, 0) = NAN;
  CHECK(baselines(missing, 2).mean == test::Approx(baselines(x, 2).mean).epsilon(0.1));
  CHECK(!baselines(x, 11).pca_counts);
}

TEST_CASE("principal components of other samples") {
  std::srand(5);
  const Matrix<double> x = Matrix<double>::Random(40, 6);
  const PrincipalComponents components(x);
  CHECK(components.project(x.topRows(7), 3).isApprox(components.project(3).topRows(7)));
  CHECK(components.project(x, 8).rightCols(2).isZero());
  CHECK_THROWS_WITH(components.project(Matrix<double>::Zero(2, 5), 3), test::contains("expected 6"));
}

}  // namespace test_diagnose
