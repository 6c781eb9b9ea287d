#include <eigencoder/inspect/code_indices.hpp>
#include <eigencoder/layers/concatenate_label.hpp>
#include <eigencoder/layers/contractive.hpp>
#include <eigencoder/layers/top_k.hpp>
#include <eigencoder/layers/vector_quantizer.hpp>

#include "gradients/model_harness.hpp"

namespace test_families {

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

namespace {

using LabelledEncoder = Sequential<Shape{10}, ConcatenateLabel<3>, Dense<6, activations::tanh>>;
using LabelledDecoder = Sequential<Shape{2}, ConcatenateLabel<3>, Dense<6, activations::tanh>, Dense<10, sigmoid>>;
using Conditional = VariationalAutoencoder<LabelledEncoder, LabelledDecoder, 2, double>;

template <auto Function, Index Units = 5>
using ContractiveModel = Autoencoder<Sequential<Shape{10}, Contractive<Dense<Units, Function>, 0.7>>,
                                     Sequential<Shape{Units}, Dense<10, sigmoid>>, double>;

}  // namespace

TEST_CASE("gradients of a conditional variational autoencoder") {
  check_model_gradient(Conditional{Seed{4}}, smooth_samples(21, Shape{10}), BinaryCrossentropy{}, {.threads = 2});
}

TEST_CASE("gradients of a contractive autoencoder, into the weights themselves, too") {
  const Dataset data = smooth_samples(21, Shape{10});
  const auto check = [&](const auto& model) { check_model_gradient(model, data, MeanSquaredError{}, {.threads = 2}); };
  check(ContractiveModel<linear>{Seed{4}});
  check(ContractiveModel<relu>{Seed{4}});
  check(ContractiveModel<leaky_relu>{Seed{4}});
  check(ContractiveModel<hard_sigmoid>{Seed{4}});
  check(ContractiveModel<sigmoid>{Seed{4}});
  check(ContractiveModel<activations::tanh>{Seed{4}});
  check(ContractiveModel<elu>{Seed{4}});
  check(ContractiveModel<softplus>{Seed{4}});
  check(ContractiveModel<selu>{Seed{4}});
  check(ContractiveModel<softsign>{Seed{4}});
  check(ContractiveModel<gelu>{Seed{4}});
  check(ContractiveModel<sigmoid, 17>{Seed{4}});
}

TEST_CASE("gradients of a contractive layer, as the dense layer that it is") {
  check_gradients<Contractive<Dense<5, activations::tanh>, 0.1>::Layer<Shape{7}>, activations::tanh>();
  check_gradients<Contractive<Dense<9, use_bias(false)>, 0.1>::Layer<Shape{4}>>();
}

TEST_CASE("gradients of TopK") {
  check_gradients<TopK<3>::Layer<Shape{11}>>();
  check_gradients<TopK<5>::Layer<Shape{2, 3, 2}>>();
  using Sparse =
      Autoencoder<Sequential<Shape{10}, Dense<8>, TopK<3>>, Sequential<Shape{8}, Dense<10, sigmoid>>, double>;
  check_model_gradient(Sparse{Seed{4}}, smooth_samples(21, Shape{10}), BinaryCrossentropy{});
}

TEST_CASE("a vector quantiser's gradients, straight-through, are those of plain matrix algebra") {
  constexpr Index n = 6, codes = 4, channels = 2;
  using Model = Autoencoder<Sequential<Shape{10}, Dense<n>, Reshape<Shape{1, n / channels, channels}>,
                                       VectorQuantizer<codes, commitment(0.4), glorot_uniform>>,
                            Sequential<Shape{1, n / channels, channels}, Flatten, Dense<10>>, double>;
  const Model model{Seed{4}};
  const Dataset data = smooth_samples(21, Shape{10});
  const Matrix<double> x = data.matrix<double>();
  const double count = static_cast<double>(x.rows());

  using Map = Eigen::Map<const Matrix<double>>;
  const double* const p = model.parameters().data();
  const Map w(p, 10, n), b(p + 60, 1, n), codebook(p + 66, codes, channels), v(p + 74, n, 10), c(p + 134, 1, 10);
  const Matrix<double> z = (x * w).rowwise() + b.row(0);
  Matrix<double> e(z.rows(), n), de = Matrix<double>::Zero(codes, channels);
  const Matrix<int> indices = code_indices(model, x);
  REQUIRE(indices.minCoeff() < indices.maxCoeff());
  double penalty = 0;
  for (Index i = 0; i < z.rows(); ++i)
    for (Index cell = 0; cell < n / channels; ++cell) {
      const Eigen::RowVector2d at = z.block<1, channels>(i, cell * channels);
      Index nearest = 0;
      (codebook.rowwise() - at).rowwise().squaredNorm().minCoeff(&nearest);
      REQUIRE(indices(i, cell) == nearest);
      const Eigen::RowVector2d difference = codebook.row(nearest) - at;
      e.block<1, channels>(i, cell * channels) = codebook.row(nearest);
      de.row(nearest) += 2 / (count * n) * difference;
      penalty += 1.4 / (count * n) * difference.squaredNorm();
    }
  REQUIRE((model.encode(x) - e).norm() < 1e-14);
  const Matrix<double> error = ((e * v).rowwise() + c.row(0)) - x;
  const Matrix<double> dy = 2 / (count * 10) * error;
  const Matrix<double> dz = dy * v.transpose() + 0.4 * 2 / (count * n) * (z - e);

  const auto gradient = test::gradient_of(model, data, MeanSquaredError{}, {.threads = 2});
  const double* const g = gradient.data();
  REQUIRE((Map(g, 10, n) - x.transpose() * dz).norm() < 1e-14);
  REQUIRE((Map(g + 60, 1, n) - dz.colwise().sum()).norm() < 1e-14);
  REQUIRE((Map(g + 66, codes, channels) - de).norm() < 1e-14);
  REQUIRE((Map(g + 74, n, 10) - e.transpose() * dy).norm() < 1e-14);
  REQUIRE((Map(g + 134, 1, 10) - dy.colwise().sum()).norm() < 1e-14);

  Model moved = model;
  REQUIRE(test::take_step(moved, data, MeanSquaredError{}, {}) ==
          test::Approx(error.squaredNorm() / (count * 10) + penalty).epsilon(1e-12));
}

}  // namespace test_families
