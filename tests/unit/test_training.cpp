#include <eigencoder/eigencoder.hpp>
#include <thread>

#include "support/catch.hpp"

namespace test_training {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{20}, Dense<7, relu>>;
using Decoder = Sequential<Encoder::output, Dense<20, sigmoid>>;
template <class Scalar>
using Model = Autoencoder<Encoder, Decoder, Scalar>;

/// Smooth values in [0, 1], one sample a row.
template <class Scalar>
Matrix<Scalar> samples(Index count, Index features = 20) {
  Matrix<Scalar> x(count, features);
  for (Index i = 0; i < count; ++i)
    for (Index k = 0; k < features; ++k)
      x(i, k) = static_cast<Scalar>(
          0.5 + 0.5 * std::sin(0.3 * static_cast<double>(k * (1 + i % 3)) + static_cast<double>(i)));
  return x;
}

FitOptions quiet(FitOptions options) {
  options.progress = false;
  return options;
}

template <class Scalar>
double largest_difference(std::span<const Scalar> a, std::span<const Scalar> b) {
  double largest = 0, scale = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    largest = std::max(largest, static_cast<double>(std::abs(a[k] - b[k])));
    scale = std::max(scale, static_cast<double>(std::abs(a[k])));
  }
  return largest / scale;
}

/// The same model and one step of gradient descent in plain matrix algebra.
struct Reference {
  Eigen::MatrixXd w1, w2;
  Eigen::RowVectorXd b1, b2;

  explicit Reference(std::span<const double> p)
      : w1(Eigen::Map<const Matrix<double>>(p.data(), 20, 7)),
        w2(Eigen::Map<const Matrix<double>>(p.data() + 147, 7, 20)),
        b1(Eigen::Map<const Eigen::RowVectorXd>(p.data() + 140, 7)),
        b2(Eigen::Map<const Eigen::RowVectorXd>(p.data() + 287, 20)) {}

  double step(const Eigen::MatrixXd& x, double rate) {
    const Eigen::MatrixXd h = ((x * w1).rowwise() + b1).cwiseMax(0);
    const Eigen::MatrixXd y = (1 / (1 + (-((h * w2).rowwise() + b2).array()).exp())).matrix();
    const double count = static_cast<double>(x.size());
    const double loss = (y - x).squaredNorm() / count;
    const Eigen::MatrixXd dz = (2 / count * (y - x).array() * y.array() * (1 - y.array())).matrix();
    const Eigen::MatrixXd dh = ((dz * w2.transpose()).array() * (h.array() > 0).cast<double>()).matrix();
    w2 -= rate * h.transpose() * dz;
    b2 -= rate * dz.colwise().sum();
    w1 -= rate * x.transpose() * dh;
    b1 -= rate * dh.colwise().sum();
    return loss;
  }
  [[nodiscard]] std::vector<double> parameters() const {
    std::vector<double> p(307);
    Eigen::Map<Matrix<double>>(p.data(), 20, 7) = w1;
    Eigen::Map<Eigen::RowVectorXd>(p.data() + 140, 7) = b1;
    Eigen::Map<Matrix<double>>(p.data() + 147, 7, 20) = w2;
    Eigen::Map<Eigen::RowVectorXd>(p.data() + 287, 20) = b2;
    return p;
  }
};

}  // namespace

TEST_CASE("a step is the step of plain matrix algebra, for any batch and number of threads") {
  const Index size = GENERATE(1, 5, 16, 17, 64, 67);
  const int threads = GENERATE(1, 2, 3);
  const Matrix<double> x = samples<double>(size);
  Model<double> model{Seed{3}};
  Reference reference(std::as_const(model).parameters());
  Trainer trainer(model, MeanSquaredError{}, SGD{.learning_rate = 0.7}, Seed{}, threads);
  std::vector<Index> all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), Index{0});
  for (int step = 0; step < 3; ++step)
    CHECK(trainer.step(Dataset(x), all) == test::Approx(reference.step(x, 0.7)).epsilon(1e-12));
  const auto expected = reference.parameters();
  CHECK(largest_difference<double>(model.parameters(), expected) < 1e-12);
}

TEST_CASE("an epoch visits every sample once, the last partial batch included") {
  const Matrix<double> x = samples<double>(23);
  Model<double> model{Seed{3}};
  Reference reference(std::as_const(model).parameters());
  const History history = fit(model, x, MeanSquaredError{}, SGD{.learning_rate = 0.5},
                              quiet({.epochs = 2, .batch_size = 10, .shuffle = false}));
  for (int epoch = 0; epoch < 2; ++epoch) {
    double sum = 0;
    sum += 10 * reference.step(x.topRows(10), 0.5);
    sum += 10 * reference.step(x.middleRows(10, 10), 0.5);
    sum += 3 * reference.step(x.bottomRows(3), 0.5);
    CHECK(history.loss[static_cast<std::size_t>(epoch)] == test::Approx(sum / 23).epsilon(1e-12));
  }
  const auto expected = reference.parameters();
  CHECK(largest_difference<double>(model.parameters(), expected) < 1e-12);
}

TEMPLATE_TEST_CASE("one seed gives the same bits, whatever the number of threads", "", float, double) {
  const Matrix<TestType> x = samples<TestType>(103);
  const auto trained = [&](int threads, Seed seed) {
    Model<TestType> model{Seed{5}};
    fit(model, x, BinaryCrossentropy{}, Adam{},
        quiet({.epochs = 2, .batch_size = 40, .seed = seed, .threads = threads}));
    return model;
  };
  const auto first = trained(1, 9);
  for (const int threads : {1, 2, 3, 7})
    CHECK(std::ranges::equal(first.parameters(), trained(threads, 9).parameters()));
  CHECK(largest_difference<TestType>(trained(1, 9).parameters(), trained(1, 10).parameters()) > 1e-5);
}

TEST_CASE("training lowers the loss and the history tells of it") {
  const Matrix<float> x = samples<float>(200);
  Model<float> model{Seed{1}};
  const double before = evaluate(model, x, BinaryCrossentropy{});
  const History history = fit(model, x, BinaryCrossentropy{}, Adam{.learning_rate = 0.01},
                              quiet({.epochs = 30, .batch_size = 32, .validation_split = 0.1}));
  CHECK(history.loss.size() == 30);
  CHECK(history.validation_loss.size() == 30);
  CHECK(history.seconds.size() == 30);
  CHECK(history.samples_per_second.size() == 30);
  CHECK(history.loss.back() < before);
  CHECK(history.validation_loss.back() ==
        test::Approx(evaluate(model, x.bottomRows(20), BinaryCrossentropy{})).epsilon(1e-5));
  CHECK(evaluate(model, x, BinaryCrossentropy{}) < before);
}

TEST_CASE("targets other than the input are what the output is compared with") {
  const Matrix<double> x = samples<double>(30);
  const Matrix<double> clean = x.array().square();
  Model<double> model{Seed{1}};
  const History history =
      fit(model, x, MeanSquaredError{}, SGD{.learning_rate = 1e-9},
          quiet({.batch_size = 30, .validation = x, .targets = clean, .validation_targets = clean}));
  const double expected = (model.reconstruct(x) - clean).squaredNorm() / static_cast<double>(x.size());
  CHECK(history.loss[0] == test::Approx(expected).epsilon(1e-6));
  CHECK(history.validation_loss[0] == test::Approx(expected).epsilon(1e-6));
}

TEST_CASE("a loss that is not finite stops the training before it spoils the parameters") {
  Matrix<float> x = samples<float>(64);
  using Linear = Autoencoder<Sequential<Shape{20}, Dense<7>>, Sequential<Shape{7}, Dense<20>, Dense<20>>>;
  Linear model{Seed{1}};
  std::vector<float> before;
  const auto attempt = [&] {
    Trainer trainer(model, MeanSquaredError{}, SGD{.learning_rate = 1e18}, Seed{}, 2);
    std::vector<Index> all(64);
    std::iota(all.begin(), all.end(), Index{0});
    for (;;) {
      before.assign(model.parameters().begin(), model.parameters().end());
      trainer.step(Dataset(x), all, 4);
    }
  };
  const std::string message = test::message_of<DivergenceError>(attempt);
  CHECK_THAT(message, test::contains("epoch 5"));
  CHECK_THAT(message, test::contains("step "));
  CHECK_THAT(message, test::contains("coder."));
  CHECK_THAT(message, test::contains("A smaller learning rate"));
  CHECK(std::ranges::equal(model.parameters(), before));
  CHECK(std::ranges::all_of(before, [](float p) { return std::isfinite(p); }));
}

TEST_CASE("where already the first step is not finite, the data are to blame") {
  const Matrix<float> x = 1e20f * samples<float>(8);
  Autoencoder<Sequential<Shape{20}, Dense<7>>, Sequential<Shape{7}, Dense<20>>> model;
  const auto attempt = [&] { fit(model, x, MeanSquaredError{}, Adam{}, {.progress = false}); };
  CHECK_THAT(test::message_of<DivergenceError>(attempt),
             test::contains("step 1: ") && test::contains("the data are too large"));
}

TEST_CASE("the layer that is named is the first one whose output is not finite") {
  const Matrix<float> x = samples<float>(8);
  using Deep = Autoencoder<Sequential<Shape{20}, Dense<7>, Dense<6, gelu>, Dense<5>>, Sequential<Shape{5}, Dense<20>>>;
  Deep model{Seed{1}};
  for (const NamedTensor& tensor : Deep::tensors())
    if (tensor.name == "encoder.2.bias") model.parameters()[static_cast<std::size_t>(tensor.offset)] = INFINITY;
  CHECK_THAT(
      test::message_of<std::runtime_error>([&] { fit(model, x, MeanSquaredError{}, SGD{}, quiet({.threads = 1})); }),
      test::contains("the output of encoder.2 (Dense) is not finite"));
}

TEST_CASE("bad options and data are refused with what was wrong and what was expected") {
  Matrix<float> x = samples<float>(10);
  Model<float> model;
  const auto refusal = [&](const Dataset& data, FitOptions options) {
    return test::message_of<std::invalid_argument>(
        [&] { fit(model, data, MeanSquaredError{}, SGD{}, quiet(std::move(options))); });
  };
  CHECK_THAT(refusal(x, {.epochs = 0}), test::contains("epochs is 0; expected at least 1"));
  CHECK_THAT(refusal(x, {.batch_size = 0}), test::contains("batch_size is 0; expected at least 1"));
  CHECK_THAT(refusal(x, {.batch_size = -3}), test::contains("batch_size is -3"));
  CHECK_THAT(refusal(x, {.threads = -1}), test::contains("threads is -1; expected 0 (all cores) to 4096"));
  CHECK_THAT(refusal(x, {.threads = Index{1} << 32}), test::contains("threads is 4294967296"));
  CHECK_THAT(refusal(x, {.validation_split = 1}), test::contains("validation_split"));
  CHECK_THAT(refusal(x, {.validation_split = -0.1}), test::contains("validation_split"));
  CHECK_THAT(refusal(x, {.validation_split = std::nan("")}), test::contains("validation_split"));
  CHECK_THAT(refusal(Dataset(), {}), test::contains("no samples"));
  CHECK_THAT(refusal(samples<float>(3, 21), {}), test::contains("21"));
  CHECK_THAT(refusal(samples<float>(3, 21), {}), test::contains("(20)"));
  CHECK_THAT(refusal(x, {.validation = samples<float>(3, 19)}), test::contains("19"));
  CHECK_THAT(refusal(x, {.targets = samples<float>(9)}), test::contains("9 targets for 10 samples"));
  x(7, 3) = NAN;
  CHECK_THAT(refusal(x, {}), test::contains("sample 7, feature 3"));
  CHECK_THROWS_AS(evaluate(model, Dataset(), MeanSquaredError{}), std::invalid_argument);
  CHECK_THROWS_AS(model.encode(samples<float>(3, 21)), std::invalid_argument);
  CHECK_THROWS_AS(model.decode(samples<float>(3, 8)), std::invalid_argument);
}

TEST_CASE("a number of threads that makes no sense is refused everywhere") {
  const Matrix<float> x = samples<float>(100);
  Model<float> model;
  for (const Index threads : {Index{-1}, Index{1} << 32, Index{4097}}) {
    const std::string expected = "threads is " + std::to_string(threads) + "; expected 0 (all cores) to 4096";
    const auto refusal = [](const auto& call) { return test::message_of<std::invalid_argument>(call); };
    CHECK(refusal([&] { (void)model.encode(x, threads); }) == expected);
    CHECK(refusal([&] { (void)model.decode(samples<float>(100, 7), threads); }) == expected);
    CHECK(refusal([&] { (void)model.reconstruct(x, threads); }) == expected);
    CHECK(refusal([&] { (void)model.reconstruction_error(x, MeanSquaredError{}, threads); }) == expected);
    CHECK(refusal([&] { (void)evaluate(model, x, MeanSquaredError{}, threads); }) == expected);
    CHECK(refusal([&] { Trainer(model, MeanSquaredError{}, SGD{}, Seed{}, threads); }) == expected);
  }
}

TEST_CASE("huge numbers in the options cost nothing and do not overflow") {
  const Matrix<float> x = samples<float>(40);
  const auto trained = [&](Count epochs, Count batch_size) {
    Model<float> model;
    FitOptions options{.epochs = epochs, .batch_size = batch_size, .threads = 1, .progress = false};
    options.on_epoch_end = {[](EpochEnd& end) {
      if (end.epoch() == 1) end.stop();
    }};
    CHECK(fit(model, x, MeanSquaredError{}, SGD{}, options).epochs() == 2);
    return model;
  };
  const auto expected = trained(2, 40);
  CHECK(std::ranges::equal(trained(10'000'000'000, 40).parameters(), expected.parameters()));
  CHECK(std::ranges::equal(trained(std::numeric_limits<Index>::max(), Index{1} << 62).parameters(),
                           expected.parameters()));
  CHECK(std::ranges::equal(trained(2, std::numeric_limits<Index>::max()).parameters(), expected.parameters()));
  CHECK_THROWS_AS(Count(std::uint64_t{1} << 63), std::invalid_argument);

  // What a terminal is shown; here nobody looks, but the sanitizers do.
  training::Progress progress(true, std::numeric_limits<Index>::max(), 1000);
  progress.step(std::numeric_limits<Index>::max() - 1, 500, 1, [] { return 1.0; }, std::chrono::steady_clock::now());
}

TEST_CASE("a learning rate that is no number or negative is refused before the step") {
  const Matrix<float> x = samples<float>(48);
  std::vector<Index> all(48);
  std::iota(all.begin(), all.end(), Index{0});
  for (const double bad : {std::nan(""), -1e-3, HUGE_VAL, 1e300}) {
    Model<float> model, twin;
    double next = 0.1;
    Trainer trainer(model, MeanSquaredError{}, Adam{.learning_rate = [&](Index) { return next; }}, Seed{}, 1);
    Trainer undisturbed(twin, MeanSquaredError{}, Adam{.learning_rate = 0.1}, Seed{}, 1);
    trainer.step(Dataset(x), all);
    const std::vector<float> before(model.parameters().begin(), model.parameters().end());
    next = bad;
    const std::string message = test::message_of<std::invalid_argument>([&] { trainer.step(Dataset(x), all); });
    CHECK_THAT(message, test::contains("Adam: the learning rate of step 2 is "));
    CHECK_THAT(message, test::contains("must be a finite number >= 0"));
    CHECK(std::ranges::equal(model.parameters(), before));
    CHECK(trainer.steps() == 1);
    next = 0.1;
    undisturbed.step(Dataset(x), all);
    undisturbed.step(Dataset(x), all);
    trainer.step(Dataset(x), all);
    CHECK(std::ranges::equal(model.parameters(), twin.parameters()));
    trainer.scale_learning_rate(-1);
    CHECK_THROWS_AS(trainer.step(Dataset(x), all), std::invalid_argument);
  }
}

TEST_CASE("a divergence's weight that is no number or negative is refused before the step") {
  using Variational = VariationalAutoencoder<Sequential<Shape{20}, Dense<7, relu>>, Sequential<Shape{2}, Dense<20>>, 2>;
  const Matrix<float> x = samples<float>(48);
  for (const double bad : {std::nan(""), -1.0}) {
    Variational model;
    const std::vector<float> before(model.parameters().begin(), model.parameters().end());
    const EvidenceLowerBound<MeanSquaredError> loss{.beta = [=](Index) { return bad; }};
    CHECK_THAT(test::message_of<std::invalid_argument>([&] { fit(model, x, loss, Adam{}, quiet({.threads = 1})); }),
               test::contains("EvidenceLowerBound: beta is "));
    CHECK(std::ranges::equal(model.parameters(), before));
  }
}

TEST_CASE("what registers are loaded from starts on a cache line, whatever the instruction set") {
  const auto aligned = [](const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) % simd::alignment == 0;
  };
  using Network = Model<float>::Network;
  for (std::size_t size = 1; size < 200; ++size) {
    const Buffer<float> buffer(size);
    const Buffer<double> doubles(size);
    REQUIRE((aligned(buffer.data()) && aligned(doubles.data())));
  }
  std::vector<Network::Workspace> workspaces(10);
  for (auto& workspace : workspaces) REQUIRE(aligned(&workspace.activation<0>()[0]));
  for (int k = 0; k < 10; ++k) REQUIRE(aligned(std::as_const(*std::make_unique<Model<float>>()).parameters().data()));
}

TEST_CASE("more threads than samples and fewer samples than lanes are fine") {
  const Matrix<float> x = samples<float>(3);
  Model<float> model, single;
  fit(model, x, MeanSquaredError{}, Adam{}, quiet({.epochs = 3, .batch_size = 100, .threads = 8}));
  fit(single, x, MeanSquaredError{}, Adam{}, quiet({.epochs = 3, .batch_size = 100, .threads = 1}));
  CHECK(largest_difference<float>(model.parameters(), single.parameters()) < 1e-5);
  CHECK(model.reconstruct(x).rows() == 3);
  CHECK(model.reconstruct(Dataset(x).slice(0, 0)).rows() == 0);
}

TEST_CASE("gradient clipping holds the step's length") {
  const Matrix<double> x = samples<double>(16);
  const auto moved = [&](SGD optimizer) {
    Model<double> model{Seed{2}};
    const std::vector<double> before(model.parameters().begin(), model.parameters().end());
    fit(model, x, MeanSquaredError{}, optimizer, quiet({.batch_size = 16, .threads = 1}));
    Eigen::VectorXd step(307);
    for (Index k = 0; k < 307; ++k)
      step[k] = model.parameters()[static_cast<std::size_t>(k)] - before[static_cast<std::size_t>(k)];
    return step;
  };
  const Eigen::VectorXd whole = moved({.learning_rate = 1});
  CHECK(moved({.learning_rate = 1, .global_clipnorm = 1e-3}).norm() == test::Approx(1e-3));
  CHECK(moved({.learning_rate = 1, .global_clipnorm = 1e3}).isApprox(whole));
  CHECK(moved({.learning_rate = 1, .clipnorm = 1e-3}).segment(0, 140).norm() == test::Approx(1e-3));
  CHECK(moved({.learning_rate = 1, .clipvalue = 1e-4}).cwiseAbs().maxCoeff() == test::Approx(1e-4));
}

TEST_CASE("a trainer of one's own takes the same steps as fit") {
  const Matrix<float> x = samples<float>(48);
  Model<float> by_hand, by_fit;
  Trainer trainer(by_hand, MeanSquaredError{}, Adam{}, Seed{}, 1);
  std::vector<Index> all(48);
  std::iota(all.begin(), all.end(), Index{0});
  for (int step = 0; step < 4; ++step) trainer.step(Dataset(x), all, step);
  CHECK(trainer.steps() == 4);
  fit(by_fit, x, MeanSquaredError{}, Adam{}, quiet({.epochs = 4, .batch_size = 48, .shuffle = false, .threads = 1}));
  CHECK(std::ranges::equal(by_hand.parameters(), by_fit.parameters()));
  const std::vector<Index> beyond{3, 48}, none;
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { trainer.step(Dataset(x), beyond); }),
             test::contains("no sample 48 among 48"));
  CHECK_THROWS_AS(trainer.step(Dataset(x), none), std::invalid_argument);
  CHECK_THROWS_AS(trainer.step(Dataset(samples<float>(48, 19)), all), std::invalid_argument);
}

}  // namespace test_training
