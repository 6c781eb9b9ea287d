#include "gradients/model_harness.hpp"

using namespace eigencoder;
using test::check_gradients;
using test::check_model_gradient;
using test::smooth_samples;

namespace {

using Encoder = Sequential<Shape{10}, Dense<6, activations::tanh>>;
using Decoder = Sequential<Shape{3}, Dense<6, activations::tanh>, Dense<10, sigmoid>>;
using Variational = VariationalAutoencoder<Encoder, Decoder, 3, double>;

}  // namespace

TEST_CASE("gradients of GaussianLatent's draw") {
  check_gradients<GaussianLatent<3>::Layer<Shape{7}>>();
  check_gradients<GaussianLatent<19>::Layer<Shape{4}>>();
  check_gradients<GaussianLatent<9>::Layer<Shape{10}>, activations::tanh>();
  check_gradients<GaussianLatent<1>::Layer<Shape{1}>>();
}

TEST_CASE("gradients of a variational autoencoder") {
  const Dataset data = smooth_samples(21, Shape{10});
  Variational model{Seed{4}};
  SECTION("plain loss") { check_model_gradient(model, data, BinaryCrossentropy{}, {.threads = 2}); }
  SECTION("mean squared error, beta") {
    check_model_gradient(model, data, EvidenceLowerBound<MeanSquaredError>{.beta = 3});
  }
  SECTION("a schedule's first step") {
    check_model_gradient(model, data, EvidenceLowerBound<>{.beta = LinearWarmUp{.steps = 10, .from = 0.3}});
  }
  SECTION("free bits, of which some divergences take all and some do not") {
    const auto [mean, log_variance] = model.encode_distribution(data);
    const Matrix<double> kl =
        0.5 * (mean.array().square() + log_variance.array().exp() - log_variance.array() - 1).matrix();
    const double free_bits = kl.mean();
    REQUIRE((kl.array() - free_bits).abs().minCoeff() > 1e-4);
    check_model_gradient(model, data, EvidenceLowerBound<>{.free_bits = free_bits});
  }
  SECTION("with a penalty on the code") {
    check_model_gradient(model, data, EvidenceLowerBound<>{} + L1Activity{.weight = 0.1}, {.threads = 2});
  }
}

TEST_CASE("beyond the clamp, the log-variance makes no noise but is pulled back") {
  const Dataset data = smooth_samples(5, Shape{10});
  Variational model{Seed{4}};
  const auto tensors = Variational::tensors();
  const auto bias = std::ranges::find(tensors, "latent.log_variance.bias", &NamedTensor::name);
  REQUIRE(bias != tensors.end());
  double* const log_variance = model.parameters().data() + bias->offset;
  SECTION("below") {
    log_variance[1] = -25;
    check_model_gradient(model, data, BinaryCrossentropy{});
  }
  SECTION("above") {
    log_variance[1] = 25;
    const auto gradient = test::gradient_of(model, data, BinaryCrossentropy{});
    REQUIRE(gradient[static_cast<std::size_t>(bias->offset) + 1] == test::Approx((std::exp(20) - 1) / 2).epsilon(1e-9));
    log_variance[1] = 1e4;
    for (const double g : test::gradient_of(model, data, BinaryCrossentropy{})) REQUIRE(std::isfinite(g));
  }
}
