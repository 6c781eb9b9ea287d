#include <eigencoder/layers/dense.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/noise/noise.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/training/fit_any_width.hpp>

#include "support/catch.hpp"

namespace test_any_width {

using namespace eigencoder;
using test::contains;

namespace {

template <Index Width>
using Deep = Autoencoder<Sequential<Shape{Width}, Dense<7, relu, he_normal>, Dense<3, eigencoder::tanh>>,
                         Sequential<Shape{3}, Dense<5, gelu>, Dense<Width>>>;
template <Index Width>
using Bounded = Autoencoder<Sequential<Shape{Width}, Dense<6, sigmoid, l2(0.01)>>,
                            Sequential<Shape{6}, Dense<Width, sigmoid, use_bias(false)>>>;

FitOptions fit_options() {
  return {.epochs = 4,
          .batch_size = 16,
          .corruption = GaussianNoise{.stddev = 0.2, .clip = false},
          .seed = 8,
          .threads = 1,
          .progress = false};
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, static_cast<double>(std::abs(a[k] - b[k])));
  return largest;
}

double largest_difference(const Matrix<float>& a, const Matrix<float>& b) { return (a - b).cwiseAbs().maxCoeff(); }

/// Trains a model of width d and one of a larger width. They start from the same parameters to the bit and stay the
/// same to rounding: sums over the lanes are taken in another order.
template <template <Index> class Model, Index D, Index... Widths, class Loss, class Optimizer>
void compare(const Loss& loss, const Optimizer& optimizer) {
  const Matrix<float> rows = (Matrix<float>::Random(50, D).array() + 1) / 2;
  Model<D> expected(Seed{4});
  AnyWidth<Model, Widths...> model(D, Seed{4});
  REQUIRE(largest_difference(model.parameters(), expected.parameters()) == 0);
  const History history = fit(model, rows, loss, optimizer, fit_options());
  const History expected_history = fit(expected, rows, loss, optimizer, fit_options());
  constexpr double rounding = 2e-6;
  REQUIRE(largest_difference(model.parameters(), expected.parameters()) < rounding);
  for (std::size_t epoch = 0; epoch < history.loss.size(); ++epoch)
    REQUIRE(history.loss[epoch] == test::Approx(expected_history.loss[epoch]).epsilon(rounding));
  REQUIRE(largest_difference(model.reconstruct(rows), expected.reconstruct(rows)) < rounding);
  REQUIRE(largest_difference(model.encode(rows), expected.encode(rows)) < rounding);
  REQUIRE(largest_difference(model.reconstruction_error(rows), expected.reconstruction_error(rows)) < rounding);
  const auto tensors = model.tensors(), expected_tensors = Model<D>::tensors();
  REQUIRE(tensors.size() == expected_tensors.size());
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    REQUIRE(tensors[k].name == expected_tensors[k].name);
    REQUIRE(tensors[k].dims == expected_tensors[k].dims);
    REQUIRE(tensors[k].offset == expected_tensors[k].offset);
  }
}

}  // namespace

TEST_CASE("a model of a larger width, masked, is the model of the true width") {
  compare<Deep, 5, 4, 8>(MeanSquaredError{}, Adam{.learning_rate = 0.01, .global_clipnorm = 0.1});
  compare<Deep, 4, 4, 8>(MeanSquaredError{}, Adam{.learning_rate = 0.01});
  compare<Deep, 1, 4, 8>(MeanSquaredError{}, Adam{.learning_rate = 0.01});
}

TEST_CASE("and so it is with kernels' penalties, without biases and with another loss") {
  compare<Bounded, 5, 8>(BinaryCrossentropy{}, Adam{});
}

TEST_CASE("targets, validation and labels go along with samples that are widened") {
  const Matrix<float> rows = Matrix<float>::Random(20, 5), targets = Matrix<float>::Random(20, 5);
  Deep<5> expected(Seed{4});
  AnyWidth<Deep, 4, 8> model(5, Seed{4});
  FitOptions both = fit_options();
  both.targets = Dataset(targets);
  both.validation = Dataset(rows);
  const History history = fit(model, rows, MeanSquaredError{}, Adam{}, both);
  const History expected_history = fit(expected, rows, MeanSquaredError{}, Adam{}, both);
  REQUIRE(history.validation_loss.back() == test::Approx(expected_history.validation_loss.back()).epsilon(1e-5));
  const Dataset wide = model.widened(Dataset(rows).with_labels(std::vector<int>(20, 3)), "test");
  REQUIRE(wide.features() == 8);
  REQUIRE(wide.labels()[19] == 3);
  REQUIRE(wide.matrix<float>().rightCols(3).isZero());
}

TEST_CASE("parameters can be set again") {
  const Matrix<float> rows = Matrix<float>::Random(20, 5);
  AnyWidth<Deep, 4, 8> one(5, Seed{1}), other(5, Seed{2});
  REQUIRE(one.reconstruct(rows) != other.reconstruct(rows));
  other.set_parameters(one.parameters());
  REQUIRE(one.reconstruct(rows) == other.reconstruct(rows));
  REQUIRE_THROWS_WITH(other.set_parameters(std::vector<float>(3)), contains("there are 3 parameters; expected 116"));
}

TEST_CASE("widths and samples that do not fit are refused") {
  using Model = AnyWidth<Deep, 4, 8>;
  REQUIRE_THROWS_WITH(Model(0), contains("a width of 0; expected 1 to 8"));
  REQUIRE_THROWS_WITH(Model(9), contains("a width of 9"));
  REQUIRE_THROWS_WITH(Model(5).reconstruct(Matrix<float>::Zero(2, 6)), contains("the samples have 6 values"));
  REQUIRE_THROWS_WITH((FirstFeatures{MeanSquaredError{}, 9}.check(Shape{8})),
                      contains("features is 9; expected 1 to 8"));
}

}  // namespace test_any_width
