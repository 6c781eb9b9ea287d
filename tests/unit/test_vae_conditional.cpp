#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"

namespace test_vae_conditional {

using namespace eigencoder;
using test::Approx;

namespace {

constexpr Index features = 12;
constexpr int classes = 3;
using Encoder = Sequential<Shape{features}, ConcatenateLabel<classes>, Dense<8, relu>>;
using Decoder = Sequential<Shape{2}, ConcatenateLabel<classes>, Dense<8, relu>, Dense<features, sigmoid>>;
template <class Scalar>
using Model = VariationalAutoencoder<Encoder, Decoder, 2, Scalar>;

/// Samples of label c are bright in the c-th third of their features.
template <class Scalar>
Dataset thirds(Index count) {
  std::vector<int> labels;
  Matrix<Scalar> x(count, features);
  Random random(Seed{1});
  for (Index i = 0; i < count; ++i) {
    labels.push_back(static_cast<int>(random.below(classes)));
    for (Index k = 0; k < features; ++k)
      x(i, k) =
          static_cast<Scalar>((k * classes / features == labels.back() ? 0.7 : 0.1) + 0.2 * random.uniform<double>());
  }
  return Dataset(std::move(x)).with_labels(std::move(labels));
}

FitOptions quiet(FitOptions options) {
  options.progress = false;
  return options;
}

}  // namespace

TEST_CASE("a conditional variational autoencoder draws samples of a label") {
  const Dataset data = thirds<float>(500);
  Model<float> model{Seed{2}};
  const History history = fit(model, data, BinaryCrossentropy{}, Adam{.learning_rate = 1e-2},
                              quiet({.epochs = 30, .batch_size = 50, .validation_split = 0.1}));
  REQUIRE(history.validation_loss.back() < history.validation_loss.front());
  for (int label = 0; label < classes; ++label) {
    const Matrix<float> drawn = model.sample(20, Seed{5}, label);
    for (Index k = 0; k < features; ++k)
      REQUIRE(drawn.col(k).mean() == Approx(k * classes / features == label ? 0.8 : 0.2).margin(0.12));
  }
  REQUIRE(model.reconstruct(data) ==
          model.decode(Dataset(model.encode(data)).with_labels({data.labels().begin(), data.labels().end()})));
  REQUIRE(negative_log_likelihood(model, data, 20) < evaluate(model, data, EvidenceLowerBound<>{}) + 0.05);
}

TEST_CASE("training a conditional variational autoencoder is the same for 1, 2 and 3 threads, but for rounding") {
  const Dataset data = thirds<double>(101);
  const auto train = [&](Index threads) {
    Model<double> model{Seed{5}};
    fit(model, data, BinaryCrossentropy{}, Adam{.learning_rate = 1e-2},
        quiet({.epochs = 3, .batch_size = 27, .seed = Seed{6}, .threads = threads}));
    return std::vector<double>(model.parameters().begin(), model.parameters().end());
  };
  const auto one = train(1);
  for (const Index threads : {2, 3}) {
    const auto other = train(threads);
    for (std::size_t k = 0; k < one.size(); ++k) REQUIRE(other[k] == Approx(one[k]).margin(1e-9));
  }
}

TEST_CASE("a model that takes labels refuses samples without, and with others") {
  const Dataset data = thirds<float>(30), bare(data.matrix<float>());
  const Dataset strange = bare.with_labels(std::vector<int>(30, 3));
  Model<float> model;
  const auto refused = [](const auto& f, const std::string& message) {
    REQUIRE_THAT(test::message_of<std::invalid_argument>(f), test::contains(message));
  };
  const auto train = [&](const Dataset& set, const Dataset& validation) {
    return [&] {
      fit(model, set, BinaryCrossentropy{}, Adam{.learning_rate = 1e-3},
          quiet({.epochs = 1, .validation = validation, .threads = 2}));
    };
  };
  refused(train(bare, data), "the samples have none");
  refused(train(strange, data), "has the label 3; expected 0 to 2");
  refused(train(data, bare), "the samples have none");
  refused([&] { (void)model.encode(bare); }, "the samples have none");
  refused([&] { (void)model.decode(Matrix<float>(2, 2)); }, "the samples have none");
  refused([&] { (void)model.sample(3); }, "the samples have none");
  refused([&] { (void)model.sample(3, Seed{1}, -1); }, "has the label -1");
  refused([&] { (void)evaluate(model, strange, EvidenceLowerBound<>{}); }, "has the label 3");
}

TEST_CASE("twenty seeds of a conditional variational autoencoder stay finite") {
  const Dataset data = thirds<float>(100);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Model<float> model{Seed{seed}};
    const History history = fit(model, data, MeanSquaredError{}, Adam{.learning_rate = 0.05},
                                quiet({.epochs = 10, .batch_size = 16, .seed = Seed{seed}}));
    REQUIRE(std::isfinite(history.loss.back()));
  }
}

}  // namespace test_vae_conditional
