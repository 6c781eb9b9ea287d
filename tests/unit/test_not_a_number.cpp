#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"

namespace test_not_a_number {

/// What is NaN stays NaN on its way through a layer that compares values, and touches no other sample.

using namespace eigencoder;

namespace {

/// What layers make of samples. Layers with parameters have them all equal to `weight`.
template <class Scalar, class Layers>
Matrix<Scalar> outputs(const Matrix<Scalar>& x, Scalar weight = 1) {
  using Network = network::Network<Scalar, typename Layers::Stages>;
  const std::vector<Scalar> parameters(static_cast<std::size_t>(Network::parameter_count), weight);
  return network::predict<Network, 0, Network::count>(std::span<const Scalar>(parameters), x, 1);
}

/// For a NaN in each of the features: the outputs of its sample are NaN where `reaches(feature, output)`, and else, as
/// those of all other samples, what they are without it.
template <class Layers, class Scalar, class Reaches>
void check(const Reaches& reaches) {
  const Index features = Layers::input.size();
  const Matrix<Scalar> x = Matrix<Scalar>::Random(5, features);
  const Matrix<Scalar> expected = outputs<Scalar, Layers>(x);
  for (Index feature = 0; feature < features; ++feature) {
    Matrix<Scalar> holey = x;
    holey(3, feature) = NAN;
    const Matrix<Scalar> y = outputs<Scalar, Layers>(holey);
    for (Index i = 0; i < y.rows(); ++i)
      for (Index k = 0; k < y.cols(); ++k) {
        CAPTURE(feature, i, k);
        if (i == 3 && reaches(feature, k)) {
          CHECK(std::isnan(y(i, k)));
        } else {
          CHECK(y(i, k) == expected(i, k));
        }
      }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("the maximum of a window with a NaN is NaN", "", float, double) {
  const auto tile = [](Index feature, Index output) {
    return feature / 8 == output / 2 && feature % 4 / 2 == output % 2;
  };
  check<Sequential<Shape{4, 4, 1}, MaxPool2D<2>>, TestType>(tile);
  // Windows that overlap: of 3 x 3 cells, 2 apart.
  check<Sequential<Shape{5, 5, 1}, MaxPool2D<3, stride(2)>>, TestType>([](Index feature, Index output) {
    const Index row = feature / 5 - output / 2 * 2, column = feature % 5 - output % 2 * 2;
    return row >= 0 && row < 3 && column >= 0 && column < 3;
  });
  // With the convolution before it: of a weight and a bias of 1, so that the windows are the same.
  using Fused = Sequential<Shape{4, 4, 1}, Conv2D<1, 1>, MaxPool2D<2>>;
  static_assert(Fused::Stages::size == 1);
  check<Fused, TestType>(tile);
  using Channels = Sequential<Shape{4, 4, 1}, Conv2D<7, 1, relu>, MaxPool2D<2>>;
  check<Channels, TestType>([&](Index feature, Index output) { return tile(feature, output / 7); });

  // A bias, too, one of seven after as many weights.
  using Network = network::Network<TestType, typename Channels::Stages>;
  std::vector<TestType> parameters(14, 1);
  parameters[9] = NAN;
  const Matrix<TestType> x = Matrix<TestType>::Random(3, 16);
  const Matrix<TestType> y = network::predict<Network, 0, Network::count>(std::span<const TestType>(parameters), x, 1);
  for (Index k = 0; k < y.cols(); ++k) CHECK((std::isnan(y(1, k)) || k % 7 != 2));
}

TEMPLATE_TEST_CASE("codes of a NaN are NaN", "", float, double) {
  const auto itself = [](Index feature, Index output) { return feature == output; };
  const Matrix<TestType> x = Matrix<TestType>::Random(5, 7);
  Matrix<TestType> holey = x;
  holey(3, 2) = NAN;
  const Matrix<TestType> y = outputs<TestType, Sequential<Shape{7}, TopK<3>>>(holey);
  CHECK(std::isnan(y(3, 2)));
  CHECK(y.topRows(3) == (outputs<TestType, Sequential<Shape{7}, TopK<3>>>(x).topRows(3)));
  // All codes are the same vector.
  check<Sequential<Shape{1, 3, 2}, VectorQuantizer<4>>, TestType>(itself);
}

}  // namespace test_not_a_number
