#include <eigencoder/eigencoder.hpp>
#include <eigencoder/layers/quantized_latent.hpp>
#include <eigencoder/losses/discretized_logistic.hpp>
#include <eigencoder/losses/rate_distortion.hpp>

#include "gradients/harness.hpp"

namespace test_compression {

using namespace eigencoder;
using test::check_gradients;

TEST_CASE("gradients of QuantizedLatent") {
  check_gradients<QuantizedLatent::Layer<Shape{7}>>();
  check_gradients<QuantizedLatent::Layer<Shape{3, 2, 3}>>();
}

TEST_CASE("gradients of RateDistortion and DiscretizedLogistic") {
  Random random(Seed{3});
  const auto between = [&](double low, double high) {
    return [&random, low, high] { return low + (high - low) * random.uniform<double>(); };
  };
  test::check_loss(RateDistortion<>{.lambda = 0.05}, between(-2, 2), between(0, 1));
  // Locations, and logarithms of scales, some of them beyond their limit.
  const auto output = [&] { return random.uniform<double>() < 0.1 ? 8.5 : 4 * random.uniform<double>() - 1; };
  const DiscretizedLogistic loss{};
  test::check_loss_case<Shape{30}, false, 1, false>(loss, output, between(0, 1));
  test::check_loss_case<Shape{30}, false, 2, false>(loss, output,
                                                    [&] { return random.uniform<double>() < 0.5 ? 0.0 : 1.0; });
}

TEST_CASE("QuantizedLatent: noise as wide as a step in training, whole numbers otherwise, and their length in bits") {
  using Encoder = Sequential<Shape{3}, Dense<3, use_bias(false)>, QuantizedLatent>;
  using Decoder = Sequential<Shape{3}, Dense<3>>;
  Autoencoder<Encoder, Decoder, double> model;
  std::ranges::fill(model.parameters(), 0.0);
  for (std::size_t k = 0; k < 3; ++k) model.parameters()[4 * k] = 1;  // the identity
  model.parameters()[9] = 0.25;                                       // the first location
  model.parameters()[14] = 1;                                         // the last log-scale
  Matrix<double> x(2, 3);
  x << 0.4, -1.6, 3.2, 7.49, 0.51, -2.5;
  REQUIRE(model.encode(x) == (Matrix<double>(2, 3) << 0, -2, 3, 7, 1, -2).finished());

  double bits = 0;
  const Matrix<double> codes = model.encode(x);
  for (Index i = 0; i < 2; ++i)
    for (Index c = 0; c < 3; ++c) {
      const double m = c == 0 ? 0.25 : 0, s = c == 2 ? std::exp(1.0) : 1;
      const auto f = [&](double t) { return 1 / (1 + std::exp(-(t - m) / s)); };
      bits -= std::log2(f(codes(i, c) + 0.5) - f(codes(i, c) - 0.5)) / 2;
    }
  const double distortion = (model.reconstruct(x) - x).array().square().sum() / 2;
  REQUIRE(evaluate(model, x, RateDistortion<>{.lambda = 3}) == Approx(bits + 3 * distortion));
  REQUIRE_THROWS_AS(evaluate(model, x, RateDistortion<>{.lambda = 0}), std::invalid_argument);
}

}  // namespace test_compression
