#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"
#include "support/standard_error.hpp"

namespace test_nothing_to_learn {

/// What cannot be learnt, or would give a number that lies, is an error or a warning.

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{10}, Dense<3, relu>>;
template <auto Last, class... More>
using Model = Autoencoder<Encoder, Sequential<Shape{3}, Dense<10, Last>, More...>>;
using Variational = VariationalAutoencoder<Encoder, Sequential<Shape{3}, Dense<10, sigmoid>>, 3>;

/// Values in [0, 1].
Matrix<float> samples(Index count = 20) { return (Matrix<float>::Random(count, 10).array() + 1) / 2; }

const FitOptions quiet{.threads = 1, .progress = false};

template <class Function>
std::string refusal(Function&& f) {
  return test::message_of<std::invalid_argument>(f);
}

}  // namespace

TEST_CASE("cross-entropy refuses targets outside of [0, 1]") {
  const Matrix<float> good = samples();
  Matrix<float> bad = good;
  const float value = GENERATE(255.0F, -0.01F, 1.01F, -INFINITY);
  bad(4, 7) = value;
  std::ostringstream number;
  number << value;
  const std::string place =
      "of sample 4, feature 7 is " + number.str() + ", but the loss is defined for targets in [0, 1]";
  Model<sigmoid> model;
  Variational variational;
  const auto train = [&](auto& trained, const auto& loss, FitOptions options, const Matrix<float>& data) {
    options.progress = false;
    return refusal([&] { fit(trained, data, loss, Adam{}, options); });
  };
  const BinaryCrossentropy loss;
  if (std::isfinite(value)) {
    CHECK_THAT(train(model, loss, {}, bad), test::contains("fit: the target " + place));
    CHECK_THAT(train(model, IgnoreMissing{loss}, {}, bad), test::contains(place));
    CHECK_THAT(train(model, Weighted{loss + L1Activity{}, Eigen::VectorXd::Ones(10)}, {}, bad), test::contains(place));
    CHECK_THAT(train(variational, loss, {}, bad), test::contains(place));
    CHECK_THAT(train(variational, EvidenceLowerBound<>{}, {}, bad), test::contains(place));
    CHECK_THAT(train(model, loss, {.targets = bad}, good), test::contains(place));
    CHECK_THAT(train(model, loss, {.validation = bad}, good), test::contains("fit: the validation target " + place));
    CHECK_THAT(train(model, loss, {.validation = good, .validation_targets = bad}, good), test::contains(place));
    CHECK(train(model, MeanSquaredError{}, {.warnings = false}, bad).empty());
  }
  CHECK(train(model, loss, {.targets = good}, bad).empty() == std::isfinite(value));
  CHECK_THAT(refusal([&] { (void)evaluate(model, bad, loss); }), test::contains(place));
  CHECK_THAT(refusal([&] { (void)evaluate(variational, bad, loss); }), test::contains(place));
  CHECK_THAT(refusal([&] { (void)model.reconstruction_error(bad, loss); }), test::contains(place));
  CHECK_THAT(refusal([&] { (void)negative_lower_bounds(variational, bad); }), test::contains(place));
  CHECK_THAT(refusal([&] { (void)negative_log_likelihood(variational, bad, 2); }), test::contains(place));
}

TEST_CASE("cross-entropy takes 0, 1, what is beyond them by rounding, and missing values") {
  Matrix<float> x = samples();
  x(0, 0) = 0;
  x(0, 1) = 1;
  x(1, 0) = 1.0000002F;
  x(1, 1) = -1e-8F;
  Model<sigmoid> model;
  CHECK_NOTHROW(fit(model, x, BinaryCrossentropy{}, Adam{}, quiet));
  CHECK_NOTHROW(model.reconstruction_error(x, BinaryCrossentropy{}));
  x(2, 2) = NAN;
  CHECK_NOTHROW(fit(model, x, IgnoreMissing{BinaryCrossentropy{}}, Adam{}, quiet));
  const Dataset bytes = Dataset::from_bytes(std::vector<std::uint8_t>(20, 255), Shape{10});
  CHECK_NOTHROW(fit(model, bytes, BinaryCrossentropy{}, Adam{}, quiet));
}

TEST_CASE("targets that the last activation cannot give are warned of, once and unless it is turned off") {
  const auto warning = [](auto model, const Matrix<float>& x, FitOptions options = {}) {
    options.epochs = 2;
    options.progress = false;
    return test::standard_error_of([&] { fit(model, x, MeanSquaredError{}, Adam{}, options); });
  };
  Matrix<float> x = samples();
  CHECK(warning(Model<sigmoid>{}, x).empty());
  x(4, 7) = -2.5F;
  x(5, 7) = -3;
  const std::string text = warning(Model<sigmoid>{}, x);
  CHECK_THAT(text, test::contains("warning: fit: the target of sample 4, feature 7 is -2.5") &&
                       test::contains("[0, 1]") && test::contains(".warnings = false"));
  CHECK(std::ranges::count(text, '\n') == 1);
  CHECK(warning(Model<sigmoid>{}, x, {.warnings = false}).empty());
  CHECK_THAT(warning(Model<activations::tanh>{}, x), test::contains("[-1, 1]"));
  CHECK_THAT(warning(Model<relu>{}, x), test::contains("[0, inf)"));
  CHECK_THAT(warning(Model<elu>{}, x), test::contains("[-1, inf)"));
  CHECK_THAT(warning(Model<linear, Activation<softplus>>{}, x), test::contains("[0, inf)"));
  CHECK_THAT(warning(Model<sigmoid, Reshape<Shape{1, 10, 1}>, Flatten>{}, x), test::contains("[0, 1]"));
  CHECK(warning(Model<linear>{}, x).empty());
  CHECK(warning(Model<sigmoid, Dense<10>>{}, x).empty());
  CHECK(warning(Model<sigmoid>{}, x, {.targets = samples()}).empty());
  CHECK_THAT(warning(Model<sigmoid>{}, samples(), {.targets = x}), test::contains("-2.5"));
}

TEST_CASE("a validation_split that leaves nothing is refused") {
  Model<sigmoid> model;
  const auto attempt = [&](Index count, double share) {
    return refusal([&] {
      fit(model, samples(count), MeanSquaredError{}, Adam{},
          {.validation_split = share, .threads = 1, .progress = false});
    });
  };
  CHECK_THAT(attempt(3, 0.1), test::contains("validation_split = 0.1 of 3 samples leaves none to validate with"));
  CHECK_THAT(attempt(1, 0.5), test::contains("validate with"));
  CHECK(attempt(2, 0.5).empty());
  CHECK_THAT(attempt(1, std::nextafter(1.0, 0.0)), test::contains("of 1 samples leaves none"));
}

TEST_CASE("no score is NaN in silence") {
  Matrix<float> x = samples();
  x(4, 7) = GENERATE(NAN, INFINITY);
  const Model<sigmoid> model;
  const Variational variational;
  const auto place = test::contains("sample 4, feature 7");
  CHECK_THAT(refusal([&] { (void)model.reconstruction_error(x); }), place);
  CHECK_THAT(refusal([&] { (void)model.reconstruction_error(x, Huber{}); }), place);
  CHECK_THAT(refusal([&] { (void)peak_signal_to_noise_ratio(model, x); }), place);
  CHECK_THAT(refusal([&] { (void)evaluate(model, x, MeanSquaredError{}); }), place);
  if (std::isnan(x(4, 7))) {
    CHECK_NOTHROW(model.reconstruction_error(x, IgnoreMissing{MeanSquaredError{}}));
    CHECK_NOTHROW(evaluate(model, x, IgnoreMissing{MeanSquaredError{}}));
    // No scores: NaN stays what it is.
    CHECK(std::isnan(model.encode(x).row(4).sum()));
    CHECK(std::isnan(model.reconstruct(x).row(4).sum()));
  }
  const EvidenceLowerBound<MeanSquaredError> bound;
  CHECK_THAT(refusal([&] { (void)negative_lower_bounds(variational, x, bound); }), place);
  CHECK_THAT(refusal([&] { (void)negative_log_likelihood(variational, x, 2, {}, MeanSquaredError{}); }), place);
  using Symbols = Sequential<Shape{10}, Dense<4>, VectorQuantizer<3>>;
  const Autoencoder<Symbols, Sequential<Shape{4}, Dense<10>>> quantized;
  CHECK_THAT(refusal([&] { (void)code_indices(quantized, x); }), place);

  Matrix<float> finite = samples();
  finite(6, 0) = 0;
  Model<linear> broken;
  broken.parameters()[0] = INFINITY;  // times 0
  CHECK_THAT(refusal([&] { (void)broken.reconstruction_error(finite); }),
             test::contains("the loss of sample 6 is not a number"));
  CHECK(std::isinf(broken.reconstruction_error(samples())[0]));  // above any threshold
}

}  // namespace test_nothing_to_learn
