#include <eigencoder/eigencoder.hpp>
#include <eigencoder/penalties/kl_sparsity.hpp>
#include <eigencoder/penalties/l1_activity.hpp>
#include <numeric>

#include "gradients/model_harness.hpp"

namespace test_penalties {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{6}, Dense<3, sigmoid>>;
using SignedEncoder = Sequential<Shape{6}, Dense<3>>;
using Decoder = Sequential<Shape{3}, Dense<6, eigencoder::tanh>>;

Matrix<double> data(Index samples) {
  Random random(Seed{3});
  return Matrix<double>::NullaryExpr(samples, 6, [&] { return random.uniform<double>(); });
}

/// A step of plain gradient descent with rate 1 is the gradient: against differences of the objective over the whole
/// batch, computed from the model's codes and reconstructions by the formula.
template <class Model, class Loss, class Penalty>
void check(const Loss& loss, const Penalty& penalty, Index samples, int threads) {
  const Matrix<double> x = data(samples);
  Model model(Seed{1});
  for (double& p : model.parameters()) p += 0.05;
  const auto objective = [&](const Model& at) {
    return (at.reconstruct(x) - x).array().square().mean() + penalty(at.encode(x));
  };
  Model trained = model;
  Trainer trainer(trained, loss, SGD{.learning_rate = 1}, Seed{}, threads);
  std::vector<Index> all(static_cast<std::size_t>(samples));
  std::iota(all.begin(), all.end(), Index{0});
  const double value = trainer.step(Dataset(x), all);

  INFO(samples << " samples, " << threads << " threads");
  REQUIRE(value == test::Approx(objective(model)).epsilon(1e-12));
  constexpr double h = 1e-6;
  test::Worst gradient;
  for (std::size_t k = 0; k < model.parameters().size(); ++k) {
    Model above = model, below = model;
    above.parameters()[k] += h;
    below.parameters()[k] -= h;
    gradient.compare(model.parameters()[k] - trained.parameters()[k], (objective(above) - objective(below)) / (2 * h));
  }
  gradient.require_below(1e-8, "gradient of the loss with its penalty");
}

double l1_of(const Matrix<double>& h) { return h.array().abs().sum() / static_cast<double>(h.rows()); }
double kl_of(const Matrix<double>& h, double rho) {
  const Eigen::ArrayXd m = h.colwise().mean().transpose();
  return (rho * (rho / m).log() + (1 - rho) * ((1 - rho) / (1 - m)).log()).sum();
}

/// A penalty of one's own, weight sum_j m_j^2 of the mean code.
struct SquaredMean {
  double weight = 1;

  static constexpr std::string_view name = "squared_mean";
  static constexpr bool over_batch = true;

  template <class T>
  [[nodiscard]] T value(T m) const {
    return m * m;
  }
  template <class T>
  [[nodiscard]] T gradient(T m) const {
    return m + m;
  }
};

}  // namespace

TEST_CASE("gradient of the KL penalty on the batch's mean code, for any cut into micro-batches and threads") {
  using Model = Autoencoder<Encoder, Decoder, double>;
  const double rho = 0.1, weight = 0.7;
  const auto penalty = [&](const Matrix<double>& h) { return weight * kl_of(h, rho); };
  for (const Index samples : {1, 5, 16, 67})
    for (const int threads : {1, 2, 3})
      check<Model>(MeanSquaredError{} + KlSparsity{.rho = rho, .weight = weight}, penalty, samples, threads);
}

TEST_CASE("gradient of the L1 penalty on each sample's code") {
  using Model = Autoencoder<SignedEncoder, Decoder, double>;
  const auto penalty = [](const Matrix<double>& h) { return 0.3 * l1_of(h); };
  for (const Index samples : {1, 19})
    for (const int threads : {1, 2})
      check<Model>(MeanSquaredError{} + L1Activity{.weight = 0.3}, penalty, samples, threads);
}

TEST_CASE("every penalty on a loss counts, however many and wherever they are added") {
  using Model = Autoencoder<Encoder, Decoder, double>;
  const MeanSquaredError mse;
  const L1Activity l1{.weight = 0.3}, more{.weight = 0.2};
  const KlSparsity kl{.rho = 0.1, .weight = 0.7};
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(6);
  const auto both = [](const Matrix<double>& h) { return 0.3 * l1_of(h) + 0.7 * kl_of(h, 0.1); };
  const Index samples = GENERATE(5, 67);
  for (const int threads : {1, 2, 3}) {
    check<Model>(mse + l1 + kl, both, samples, threads);
    check<Model>(mse + kl + l1, both, samples, threads);
    check<Model>(Weighted{mse + l1, ones} + kl, both, samples, threads);
    check<Model>(IgnoreMissing{mse + kl} + l1, both, samples, threads);
    check<Model>(Weighted{IgnoreMissing{mse + l1 + kl}, ones}, both, samples, threads);
    check<Model>(mse + l1 + more, [](const Matrix<double>& h) { return 0.5 * l1_of(h); }, samples, threads);
    check<Model>(
        mse + SquaredMean{.weight = 0.4} + kl + l1,
        [&](const Matrix<double>& h) { return both(h) + 0.4 * h.colwise().mean().squaredNorm(); }, samples, threads);
  }
}

TEST_CASE("a variational autoencoder takes penalties on its bound or on the reconstruction loss") {
  using Model = VariationalAutoencoder<Sequential<Shape{6}, Dense<5, eigencoder::tanh>>,
                                       Sequential<Shape{3}, Dense<6, sigmoid>>, 3, double>;
  const L1Activity l1{.weight = 0.3};
  const SquaredMean mean{.weight = 0.4};
  const Model model{Seed{4}};
  const Samples samples(data(37));
  const auto check = [&](const auto& loss, int threads) {
    const test::ModelCheck how{.threads = threads};
    test::check_model_gradient(model, samples, loss, how);
    Model moved = model;
    Trainer trainer(moved, loss, SGD{.learning_rate = 1}, Seed{3}, threads);
    std::vector<Index> all(37);
    std::iota(all.begin(), all.end(), Index{0});
    const StepResult taken = trainer.step(samples, all);
    const double value = taken.loss;
    std::map<std::string, double> told;
    for (const Metric& metric : taken.metrics) told[std::string(metric.name)] = metric.value;
    CHECK(told.at("l1_activity") > 0.1);
    CHECK(told.at("squared_mean") > 1e-4);
    CHECK(value ==
          test::Approx(told.at("reconstruction") + told.at("kl") + told.at("l1_activity") + told.at("squared_mean"))
              .epsilon(1e-12));
    return value;
  };
  for (const int threads : {1, 2, 3}) {
    const double plain = check(BinaryCrossentropy{} + l1 + mean, threads);
    CHECK(check(EvidenceLowerBound<>{} + l1 + mean, threads) == plain);
    const EvidenceLowerBound<decltype(BinaryCrossentropy{} + l1)> inside{.reconstruction = BinaryCrossentropy{} + l1};
    CHECK(check(inside + mean, threads) == plain);
  }
}

TEST_CASE("the history has each penalty under a name of its own") {
  const auto names = [](auto model, const auto& loss) {
    const History history = fit(model, data(20), loss, SGD{}, {.epochs = 2, .batch_size = 20, .progress = false});
    std::vector<std::string> all;
    double sum = 0;
    for (const auto& [name, values] : history.metrics) {
      all.push_back(name);
      if (name.starts_with("l1") || name.starts_with("kl")) sum += values[0];
    }
    if (sum > 0)
      CHECK(history.loss[0] ==
            test::Approx(evaluate(decltype(model){}, data(20), MeanSquaredError{}, 1) + sum).epsilon(1e-12));
    return all;
  };
  using Names = std::vector<std::string>;
  const L1Activity l1{.weight = 0.3};
  CHECK(names(Autoencoder<Encoder, Decoder, double>{}, MeanSquaredError{} + l1 + KlSparsity{} + l1 + l1) ==
        Names{"active_units", "kl_sparsity", "l1_activity", "l1_activity_2", "l1_activity_3", "mean_activation"});
  using Contracted = Sequential<Shape{6}, Contractive<Dense<4, sigmoid>, 0.1>, Contractive<Dense<3, sigmoid>, 0.2>>;
  CHECK(names(Autoencoder<Contracted, Decoder, double>{}, MeanSquaredError{}) ==
        Names{"contraction", "contraction_2", "reconstruction"});
}

TEST_CASE("the KL penalty is 0 at rho, finite at 0 and 1, and refuses what it cannot mean") {
  using P = Pack<double, 1>;
  const KlSparsity penalty{.rho = 0.2};
  REQUIRE(sum(penalty.value(P(0.2))) == test::Approx(0).margin(1e-14));
  REQUIRE(sum(penalty.gradient(P(0.2))) == test::Approx(0).margin(1e-14));
  for (const double m : {0.0, 1.0, 5.0}) {
    REQUIRE(std::isfinite(sum(penalty.value(P(m)))));
    REQUIRE(sum(penalty.gradient(P(m))) == 0);
  }
  const auto message = [](auto p) { return test::message_of<std::invalid_argument>([&] { p.check(); }); };
  REQUIRE_THAT(message(KlSparsity{.rho = 0}), test::contains("KlSparsity: rho is 0"));
  REQUIRE_THAT(message(KlSparsity{.weight = -1}), test::contains("KlSparsity: weight is -1"));
  REQUIRE_THAT(message(L1Activity{.weight = test::nan}), test::contains("L1Activity: weight is"));
}

}  // namespace test_penalties
