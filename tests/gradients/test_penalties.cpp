#include <eigencoder/eigencoder.hpp>
#include <eigencoder/losses/kl_sparsity.hpp>
#include <eigencoder/losses/l1_activity.hpp>
#include <numeric>

#include "gradients/harness.hpp"

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

}  // namespace

TEST_CASE("gradient of the KL penalty on the batch's mean code, for any cut into micro-batches and threads") {
  using Model = Autoencoder<Encoder, Decoder, double>;
  const double rho = 0.1, weight = 0.7;
  const auto penalty = [&](const Matrix<double>& h) {
    const Eigen::ArrayXd m = h.colwise().mean().transpose();
    return weight * (rho * (rho / m).log() + (1 - rho) * ((1 - rho) / (1 - m)).log()).sum();
  };
  for (const Index samples : {1, 5, 16, 67})
    for (const int threads : {1, 2, 3})
      check<Model>(MeanSquaredError{} + KlSparsity{.rho = rho, .weight = weight}, penalty, samples, threads);
}

TEST_CASE("gradient of the L1 penalty on each sample's code") {
  using Model = Autoencoder<SignedEncoder, Decoder, double>;
  const auto penalty = [](const Matrix<double>& h) {
    return 0.3 * h.array().abs().sum() / static_cast<double>(h.rows());
  };
  for (const Index samples : {1, 19})
    for (const int threads : {1, 2})
      check<Model>(MeanSquaredError{} + L1Activity{.weight = 0.3}, penalty, samples, threads);
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
