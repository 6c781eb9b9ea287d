#include <eigencoder/eigencoder.hpp>
#include <thread>

#include "support/catch.hpp"

namespace test_vae {

using namespace eigencoder;
using test::Approx;

namespace {

constexpr Index features = 20, units = 3;
using Encoder = Sequential<Shape{features}, Dense<7, relu>>;
using Decoder = Sequential<Shape{units}, Dense<7, relu>, Dense<features, sigmoid>>;
template <class Scalar>
using Model = VariationalAutoencoder<Encoder, Decoder, units, Scalar>;

/// Smooth values in [0, 1], one sample a row.
template <class Scalar>
Matrix<Scalar> samples(Index count) {
  return Matrix<Scalar>::NullaryExpr(count, features, [](Index i, Index k) {
    return static_cast<Scalar>(0.5 +
                               0.5 * std::sin(0.3 * static_cast<double>(k * (1 + i % 3)) + static_cast<double>(i)));
  });
}

FitOptions quiet(FitOptions options) {
  options.progress = false;
  return options;
}

/// log p(x | z) of Bernoulli distributions, as the library must not compute it.
double log_bernoulli(const Eigen::RowVectorXd& x, const Eigen::RowVectorXd& y) {
  return (x.array() * y.array().log() + (1 - x.array()) * (1 - y.array()).log()).sum();
}

/// The k-th draw's e of a sample's unit; the latent layer is the second of the model.
double noise(Seed seed, int draw, Index sample, Index unit) {
  const auto block = Philox(seed, Stream::latent, draw, 1)
                         .at(static_cast<std::uint64_t>(unit / 4), static_cast<std::uint64_t>(sample));
  const auto pair = static_cast<std::size_t>(unit % 4 / 2 * 2);
  return normal_of<double>(block[pair], block[pair + 1])[static_cast<std::size_t>(unit % 2)];
}

/// The logarithm of p(x | z) p(z) / q(z | x) for the k-th draw of every sample's code, in plain matrix algebra; and the
/// reconstruction's part of it.
struct PlainDraw {
  Eigen::VectorXd log_weight, log_reconstruction;

  PlainDraw(const Model<double>& model, const Matrix<double>& x, Seed seed, int k)
      : log_weight(x.rows()), log_reconstruction(x.rows()) {
    const auto [mean, log_variance] = model.encode_distribution(x);
    Matrix<double> z = mean;
    Eigen::VectorXd ratio = Eigen::VectorXd::Zero(x.rows());
    for (Index i = 0; i < x.rows(); ++i)
      for (Index u = 0; u < units; ++u) {
        const double e = noise(seed, k, i, u);
        z(i, u) += std::exp(log_variance(i, u) / 2) * e;
        ratio[i] += -z(i, u) * z(i, u) / 2 + e * e / 2 + log_variance(i, u) / 2;
      }
    const Matrix<double> y = model.decode(z);
    for (Index i = 0; i < x.rows(); ++i) log_reconstruction[i] = log_bernoulli(x.row(i), y.row(i));
    log_weight = log_reconstruction + ratio;
  }
};

}  // namespace

TEST_CASE("the lower bound is that of plain matrix algebra") {
  const Matrix<double> x = samples<double>(21);
  const Model<double> model{Seed{2}};
  const auto [mean, log_variance] = model.encode_distribution(x);
  const Eigen::VectorXd kl =
      0.5 * (mean.array().square() + log_variance.array().exp() - log_variance.array() - 1).rowwise().sum().matrix();
  const PlainDraw draw(model, x, Seed{9}, 0);

  const auto check = [&](const auto& loss, const Eigen::VectorXd& expected) {
    const Vector<double> bounds = negative_lower_bounds(model, x, loss, Seed{9});
    REQUIRE((bounds - expected).cwiseAbs().maxCoeff() < 1e-11);
    REQUIRE((model.reconstruction_error(x, loss, 2, Seed{9}) - expected).cwiseAbs().maxCoeff() < 1e-11);
  };
  check(EvidenceLowerBound<>{}, kl - draw.log_reconstruction);
  check(EvidenceLowerBound<>{.beta = 0.25}, 0.25 * kl - draw.log_reconstruction);
  // Outside of training a schedule's end counts.
  check(EvidenceLowerBound<>{.beta = CyclicalWarmUp{.steps = 7, .to = 3}}, 3 * kl - draw.log_reconstruction);
  check(EvidenceLowerBound<>{.free_bits = 100}, (300 - draw.log_reconstruction.array()).matrix());

  const Vector<double> seed_zero = negative_lower_bounds(model, x);
  REQUIRE(evaluate(model, x, EvidenceLowerBound<>{}) == Approx(seed_zero.mean()).epsilon(1e-14));
  // With a plain loss, too, it is the bound, which is what such a model is trained on; each sample's own error is that
  // of the mean's reconstruction, averaged over the features.
  REQUIRE(evaluate(model, x, BinaryCrossentropy{}) == Approx(seed_zero.mean()).epsilon(1e-14));
  const double plain = log_bernoulli(x.reshaped().transpose(), model.reconstruct(x).reshaped().transpose());
  REQUIRE(model.reconstruction_error(x, BinaryCrossentropy{}).mean() == Approx(-plain / static_cast<double>(x.size())));
}

TEST_CASE("the likelihood's estimate is that of plain matrix algebra, and below the negative lower bound") {
  const Matrix<double> x = samples<double>(21);
  Model<double> model{Seed{2}};
  for (const int K : {1, 2, 7}) {
    Eigen::VectorXd sums = Eigen::VectorXd::Zero(x.rows());
    for (int k = 0; k < K; ++k) sums.array() += PlainDraw(model, x, Seed{9}, k).log_weight.array().exp() / K;
    for (const int threads : {1, 3})
      REQUIRE(negative_log_likelihood(model, x, K, Seed{9}, BinaryCrossentropy{}, threads) ==
              Approx(-sums.array().log().mean()).epsilon(1e-11));
  }
  const Matrix<double> many = samples<double>(2000);
  for (double& p : model.parameters()) p *= 2;  // a decoder that listens, and codes that do not suit it
  const double ten = negative_log_likelihood(model, many, 10);
  REQUIRE(negative_log_likelihood(model, many, 100) < ten);
  REQUIRE(ten < evaluate(model, many, EvidenceLowerBound<>{}));
  REQUIRE_THROWS_AS(negative_log_likelihood(model, x, 0), std::invalid_argument);
}

TEST_CASE("the code is the mean of its distribution") {
  const Matrix<float> x = samples<float>(50);
  const Model<float> model{Seed{2}};
  const auto [mean, log_variance] = model.encode_distribution(x, 2);
  REQUIRE(mean == model.encode(x));
  REQUIRE(model.decode(mean) == model.reconstruct(x));
  REQUIRE(log_variance.rows() == 50);
  REQUIRE(log_variance.cols() == units);
  REQUIRE((mean - log_variance).norm() > 0.1f);
}

TEST_CASE("a variational autoencoder names its tensors") {
  std::vector<std::string> names;
  Index values = 0;
  for (const NamedTensor& tensor : Model<float>::tensors()) {
    names.push_back(tensor.name);
    REQUIRE(tensor.offset == values);
    values += tensor.size();
  }
  REQUIRE(names == std::vector<std::string>{"encoder.0.kernel", "encoder.0.bias", "latent.mean.kernel",
                                            "latent.mean.bias", "latent.log_variance.kernel",
                                            "latent.log_variance.bias", "decoder.0.kernel", "decoder.0.bias",
                                            "decoder.1.kernel", "decoder.1.bias"});
  REQUIRE(values == static_cast<Index>(Model<float>().parameters().size()));
  REQUIRE(summary(Model<float>()).find("latent.0  GaussianLatent") != std::string::npos);
}

TEST_CASE("training a variational autoencoder is the same for 1, 2 and 3 threads, but for rounding") {
  const Matrix<double> x = samples<double>(101);  // the last of the batches of 27 is partial
  const auto train = [&](Index threads) {
    Model<double> model{Seed{5}};
    const History history = fit(model, x, BinaryCrossentropy{}, Adam{.learning_rate = 1e-2},
                                quiet({.epochs = 4, .batch_size = 27, .seed = Seed{6}, .threads = threads}));
    return std::pair(std::vector<double>(model.parameters().begin(), model.parameters().end()), history);
  };
  const auto [one, first] = train(1);
  for (const Index threads : {2, 3}) {
    const auto [other, history] = train(threads);
    for (std::size_t k = 0; k < one.size(); ++k) REQUIRE(other[k] == Approx(one[k]).margin(1e-9));
    REQUIRE(history.loss.back() == Approx(first.loss.back()).epsilon(1e-10));
    REQUIRE(train(threads).first == other);
  }
}

TEST_CASE("a variational autoencoder's history has both terms and the active units") {
  const Matrix<float> x = samples<float>(300);
  Model<float> model{Seed{5}};
  const auto train = [&](const auto& loss, Index epochs) {
    return fit(model, x, loss, Adam{.learning_rate = 1e-2},
               quiet({.epochs = epochs, .batch_size = 50, .validation = Dataset(x)}));
  };
  const History history = train(BinaryCrossentropy{}, 40);
  REQUIRE(history.metrics.size() == 3);
  for (std::size_t e = 0; e < history.epochs(); ++e)
    REQUIRE(history.metrics.at("reconstruction")[e] + history.metrics.at("kl")[e] ==
            Approx(history.loss[e]).epsilon(1e-5));
  REQUIRE(history.loss.back() < history.loss.front());
  // The validation samples' codes are drawn, too.
  REQUIRE(history.validation_loss.back() == Approx(history.loss.back()).epsilon(0.05));
  REQUIRE(history.metrics.at("active_latent_units").back() >= 1);

  SECTION("a divergence that counts too much makes the code collapse, which the history tells") {
    const History collapsed = train(EvidenceLowerBound<>{.beta = 100}, 60);
    REQUIRE(collapsed.metrics.at("active_latent_units").back() < 0.5);
    REQUIRE(collapsed.metrics.at("kl").back() < 0.1);
  }
  SECTION("free bits keep it from that") {
    const History kept = train(EvidenceLowerBound<>{.beta = 100, .free_bits = 0.5}, 60);
    REQUIRE(kept.metrics.at("kl").back() > 0.5);
  }
  SECTION("the warm-up of beta is that of the step") {
    const History warm = train(EvidenceLowerBound<>{.beta = LinearWarmUp{.steps = 1'000'000}}, 1);
    REQUIRE(warm.loss.back() == Approx(warm.metrics.at("reconstruction").back()).epsilon(1e-3));
  }
}

TEST_CASE("schedules of beta") {
  const LinearWarmUp linear{.steps = 10, .from = 0.5, .to = 2.5};
  REQUIRE(linear(0) == 0.5);
  REQUIRE(linear(5) == Approx(1.5));
  REQUIRE(linear(10) == 2.5);
  REQUIRE(linear(1000) == 2.5);
  const CyclicalWarmUp cyclical{.steps = 10, .cycles = 2, .rising = 0.5, .to = 4};
  REQUIRE(cyclical(0) == 0);
  REQUIRE(cyclical(4) == Approx(3.2));
  REQUIRE(cyclical(5) == 4);
  REQUIRE(cyclical(9) == 4);
  REQUIRE(cyclical(11) == Approx(0.8));
  REQUIRE(cyclical(20) == 4);
  REQUIRE(Beta(cyclical).at(1) == 0);  // the first step is iteration 0
  REQUIRE(Beta(0.25).at(7) == 0.25);
  REQUIRE_THROWS_AS(Beta(LinearWarmUp{}), std::invalid_argument);
  REQUIRE_THROWS_AS(Beta(CyclicalWarmUp{.steps = 5, .rising = 0}), std::invalid_argument);
}

TEST_CASE("sampling, interpolating and traversing the code") {
  const Model<float> model{Seed{5}};
  const Matrix<float> drawn = model.sample(100, Seed{3});
  REQUIRE(drawn.rows() == 100);
  REQUIRE(drawn.cols() == features);
  REQUIRE(drawn == model.sample(100, Seed{3}));
  REQUIRE(drawn != model.sample(100, Seed{4}));
  REQUIRE(drawn.row(0) != drawn.row(1));

  const Matrix<float> codes = model.encode(samples<float>(2));
  const Matrix<float> between = model.interpolate(codes.row(0), codes.row(1), 5);
  REQUIRE(between.rows() == 5);
  REQUIRE(between.row(0) == model.decode(codes).row(0));
  REQUIRE((between.row(4) - model.decode(codes).row(1)).norm() < 1e-6f);
  const Matrix<float> middle = model.decode(0.5f * (codes.row(0) + codes.row(1)));
  REQUIRE((between.row(2) - middle).norm() < 1e-6f);

  const Eigen::Vector3f code(1, 2, 3);
  const Matrix<float> along = model.traverse(code, 1, -2, 2, 3);
  REQUIRE((along.row(1) - model.decode(Eigen::RowVector3f(1, 0, 3))).norm() < 1e-6f);
  REQUIRE((along.row(2) - model.decode(Eigen::RowVector3f(1, 2, 3))).norm() < 1e-6f);

  REQUIRE(model.sample(0).rows() == 0);
  REQUIRE_THAT(test::message_of<std::invalid_argument>([&] { (void)model.sample(-1); }),
               test::contains("sample: n is -1; expected at least 0"));
  REQUIRE_THROWS_AS(model.traverse(code, 3, -2, 2, 3), std::invalid_argument);
  REQUIRE_THROWS_AS(model.traverse(code, 0, -2, 2, 1), std::invalid_argument);
  REQUIRE_THROWS_AS(model.interpolate(code, Eigen::Vector2f(1, 2), 4), std::invalid_argument);
}

TEST_CASE("one model may be used from many threads") {
  const Matrix<float> x = samples<float>(40);
  const Model<float> model{Seed{5}};
  const Matrix<float> codes = model.encode(x), drawn = model.sample(10);
  const double bound = evaluate(model, x, EvidenceLowerBound<>{}, 1);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> team;
  for (int t = 0; t < 4; ++t)
    team.emplace_back([&] {
      for (int k = 0; k < 10; ++k)
        wrong += model.encode(x) != codes || model.sample(10) != drawn ||
                 evaluate(model, x, EvidenceLowerBound<>{}, 1) != bound;
    });
  for (std::thread& thread : team) thread.join();
  REQUIRE(wrong == 0);
}

TEST_CASE("twenty seeds of a variational autoencoder stay finite, even at a large rate") {
  const Matrix<float> x = samples<float>(200);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Model<float> model{Seed{seed}};
    const History history =
        fit(model, x, EvidenceLowerBound<>{.beta = LinearWarmUp{.steps = 30}, .free_bits = seed % 2 == 0 ? 0 : 0.1},
            Adam{.learning_rate = 0.1}, quiet({.epochs = 15, .batch_size = 32, .seed = Seed{seed}}));
    REQUIRE(std::isfinite(history.loss.back()));
    REQUIRE(model.sample(20, Seed{seed}).allFinite());
  }
}

TEST_CASE("the loss of a variational autoencoder refuses what is no number of its kind") {
  const Matrix<float> x = samples<float>(8);
  Model<float> model;
  const auto message = [&](const auto& loss) {
    return test::message_of<std::invalid_argument>(
        [&] { fit(model, x, loss, Adam{.learning_rate = 1e-3}, quiet({.epochs = 1})); });
  };
  REQUIRE_THAT(message(EvidenceLowerBound<>{.beta = -1}), test::contains("beta is -1"));
  REQUIRE_THAT(message(EvidenceLowerBound<>{.free_bits = -1}), test::contains("free_bits is -1"));
  REQUIRE_THAT(test::message_of<std::invalid_argument>([&] { (void)model.encode_distribution(Matrix<float>(3, 4)); }),
               test::contains("expected shape (20)"));
}

}  // namespace test_vae
