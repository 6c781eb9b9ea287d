#include <eigencoder/eigencoder.hpp>
#include <map>

#include "support/catch.hpp"

namespace test_code_layers {

using namespace eigencoder;
using test::Approx;

namespace {

constexpr Index features = 12;

template <class Scalar>
Matrix<Scalar> noise(Index count, Seed seed = {}) {
  Random random(seed);
  return Matrix<Scalar>::NullaryExpr(count, features, [&] { return random.template uniform<Scalar>(); });
}

FitOptions quiet(FitOptions options) {
  options.progress = false;
  return options;
}

/// Trains with 1, 2 and 3 threads and a last partial batch.
template <class Model, class Loss>
void require_same_for_any_threads(const Loss& loss) {
  const Matrix<double> x = noise<double>(101);
  const auto train = [&](Index threads) {
    Model model{Seed{5}};
    fit(model, x, loss, Adam{.learning_rate = 1e-2},
        quiet({.epochs = 3, .batch_size = 27, .seed = Seed{6}, .threads = threads}));
    return std::vector<double>(model.parameters().begin(), model.parameters().end());
  };
  const auto one = train(1);
  for (const Index threads : {2, 3}) {
    const auto other = train(threads);
    for (std::size_t k = 0; k < one.size(); ++k) REQUIRE(other[k] == Approx(one[k]).margin(1e-9));
  }
}

template <class Model>
void require_finite_for_twenty_seeds() {
  const Matrix<float> x = noise<float>(100);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Model model{Seed{seed}};
    const History history = fit(model, x, MeanSquaredError{}, Adam{.learning_rate = 0.05},
                                quiet({.epochs = 10, .batch_size = 16, .seed = Seed{seed}}));
    REQUIRE(std::isfinite(history.loss.back()));
    REQUIRE(model.reconstruct(x).allFinite());
  }
}

template <class Scalar>
using Sparse =
    Autoencoder<Sequential<Shape{features}, Dense<9>, TopK<3>>, Sequential<Shape{9}, Dense<features, sigmoid>>, Scalar>;
template <class Scalar>
using Quantized = Autoencoder<Sequential<Shape{features}, Dense<8>, Reshape<Shape{2, 2, 2}>, VectorQuantizer<5>>,
                              Sequential<Shape{2, 2, 2}, Flatten, Dense<features, sigmoid>>, Scalar>;
template <class Scalar>
using Contracted = Autoencoder<Sequential<Shape{features}, Contractive<Dense<6, sigmoid>, 0.5>>,
                               Sequential<Shape{6}, Dense<features, sigmoid>>, Scalar>;

}  // namespace

TEST_CASE("TopK keeps the largest values, and all that are equal to the last of them") {
  using Model = Autoencoder<Sequential<Shape{features}, TopK<4>>, Sequential<Shape{features}, Dense<features>>, double>;
  const Model model;
  Matrix<double> x = noise<double>(30).array() - 0.5;
  x.row(0).setConstant(2);  // all are equal
  x.row(1).setZero();
  x.row(1).head(2).setConstant(-1);  // fewer than K are positive
  const Matrix<double> y = model.encode(x);
  for (Index i = 0; i < x.rows(); ++i) {
    std::vector<double> sorted(x.row(i).begin(), x.row(i).end());
    std::ranges::sort(sorted, std::greater{});
    for (Index k = 0; k < features; ++k) REQUIRE(y(i, k) == (x(i, k) >= sorted[3] ? x(i, k) : 0));
  }
}

TEST_CASE("a vector quantiser chooses the nearest code of each cell and tells how many are in use") {
  const Matrix<double> x = noise<double>(60);
  Quantized<double> model{Seed{3}};
  const auto tensors = Quantized<double>::tensors();
  const auto codebook = std::ranges::find(tensors, "encoder.2.codebook", &NamedTensor::name);
  REQUIRE(codebook != tensors.end());
  REQUIRE(codebook->dims == std::vector<Index>{5, 2});
  for (const double value : model.parameters().subspan(static_cast<std::size_t>(codebook->offset), 10))
    REQUIRE(std::abs(value) <= 0.2);

  const Matrix<int> indices = code_indices(model, x, 2);
  REQUIRE(indices.cols() == 4);
  REQUIRE(indices.minCoeff() >= 0);
  REQUIRE(indices.maxCoeff() < 5);
  const Matrix<double> codes = model.encode(x);
  std::map<int, double> shares;
  for (Index i = 0; i < x.rows(); ++i)
    for (Index cell = 0; cell < 4; ++cell) {
      shares[indices(i, cell)] += 1.0 / 240;
      for (Index c = 0; c < 2; ++c)
        REQUIRE(codes(i, cell * 2 + c) ==
                model.parameters()[static_cast<std::size_t>(codebook->offset + indices(i, cell) * 2 + c)]);
    }
  double entropy = 0;
  for (const auto& [code, share] : shares) entropy -= share * std::log(share);
  const History history =
      fit(model, x, MeanSquaredError{}, SGD{.learning_rate = 1e-9}, quiet({.epochs = 1, .batch_size = 60}));
  REQUIRE(history.metrics.at("perplexity")[0] == Approx(std::exp(entropy)));
  REQUIRE(history.metrics.at("reconstruction")[0] + 1.25 * history.metrics.at("quantization_error")[0] ==
          Approx(history.loss[0]));
}

TEST_CASE("a vector quantiser learns a codebook") {
  // Four kinds of samples: one code each makes the reconstruction exact.
  using Model = Autoencoder<Sequential<Shape{features}, Dense<2>, VectorQuantizer<8, commitment(0.5), glorot_uniform>>,
                            Sequential<Shape{2}, Dense<16, relu>, Dense<features>>>;
  const Matrix<float> kinds = noise<float>(4, Seed{8});
  const Matrix<float> x = kinds.replicate(50, 1);
  Model model{Seed{1}};
  const History history =
      fit(model, x, MeanSquaredError{}, Adam{.learning_rate = 1e-2}, quiet({.epochs = 200, .batch_size = 40}));
  // The kinds are not equally many in every batch.
  REQUIRE(history.metrics.at("perplexity").back() == Approx(3.9).margin(0.1));
  REQUIRE(history.metrics.at("reconstruction").back() < 1e-3);
}

TEST_CASE("codes that no cell chooses are revived where cells are") {
  const Matrix<double> x = noise<double>(60);
  Quantized<double> model{Seed{3}};
  const std::span<double> codebook = model.parameters().subspan(12 * 8 + 8, 10);
  std::fill(codebook.begin() + 2, codebook.end(), 1e3);
  REQUIRE(code_indices(model, x).isZero());

  Quantized<double> twin = model;
  REQUIRE(revive_codes(model, x, Seed{4}) == 4);
  for (std::size_t k = 2; k < codebook.size(); ++k) REQUIRE(std::abs(codebook[k]) < 10);
  const Matrix<int> indices = code_indices(model, x);
  for (int code = 1; code < 5; ++code) REQUIRE((indices.array() == code).any());

  revive_codes(twin, x, Seed{4}, 0.1, 3);
  REQUIRE(std::ranges::equal(model.parameters(), twin.parameters()));
  REQUIRE(revive_codes(model, x, Seed{4}, 0) == 0);
  REQUIRE_THROWS_AS(revive_codes(model, Matrix<double>(0, features)), std::invalid_argument);
}

TEST_CASE("the contraction is the squared norm of the encoder's Jacobian") {
  const Matrix<double> x = noise<double>(20);
  Contracted<double> model{Seed{4}};
  double norm = 0;
  for (Index k = 0; k < features; ++k) {
    Matrix<double> above = x, below = x;
    above.col(k).array() += 1e-5;
    below.col(k).array() -= 1e-5;
    norm += ((model.encode(above) - model.encode(below)) / 2e-5).squaredNorm() / 20;
  }
  const History history =
      fit(model, x, MeanSquaredError{}, SGD{.learning_rate = 1e-9}, quiet({.epochs = 1, .batch_size = 20}));
  REQUIRE(history.metrics.at("contraction")[0] == Approx(norm).epsilon(1e-6));
  REQUIRE(history.loss[0] == Approx(history.metrics.at("reconstruction")[0] + 0.5 * norm).epsilon(1e-6));
}

TEST_CASE("top-k, quantised and contracted codes train the same for 1, 2 and 3 threads, but for rounding") {
  require_same_for_any_threads<Sparse<double>>(BinaryCrossentropy{});
  require_same_for_any_threads<Quantized<double>>(MeanSquaredError{});
  require_same_for_any_threads<Contracted<double>>(MeanSquaredError{});
}

TEST_CASE("twenty seeds of top-k, quantised and contracted codes stay finite") {
  require_finite_for_twenty_seeds<Sparse<float>>();
  require_finite_for_twenty_seeds<Quantized<float>>();
  require_finite_for_twenty_seeds<Contracted<float>>();
}

}  // namespace test_code_layers
