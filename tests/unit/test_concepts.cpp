#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"

namespace test_concepts {

using namespace eigencoder;

namespace {

template <class Unbound, Shape In>
concept IsLayer = concepts::Layer<typename Unbound::template Layer<In>>;
template <auto Option>
concept IsActivation = concepts::Activation<std::remove_const_t<decltype(Option)>>;
template <auto Option>
concept IsInitializer = concepts::Initializer<std::remove_const_t<decltype(Option)>>;

}  // namespace

TEST_CASE("what the library has is what its concepts ask for") {
  STATIC_REQUIRE(IsLayer<Dense<3, relu>, Shape{4}>);
  STATIC_REQUIRE(IsLayer<Conv2DTranspose<3, 3>, Shape{4, 4, 1}>);
  STATIC_REQUIRE(IsLayer<GaussianLatent<2>, Shape{4}>);
  STATIC_REQUIRE(IsLayer<VectorQuantizer<8>, Shape{2, 2, 3}>);
  STATIC_REQUIRE(IsActivation<linear>);
  STATIC_REQUIRE(IsActivation<elu(0.5)>);
  STATIC_REQUIRE(IsActivation<gelu>);
  STATIC_REQUIRE(IsInitializer<he_normal>);
  STATIC_REQUIRE(IsInitializer<zeros>);
  STATIC_REQUIRE(concepts::Loss<BinaryCrossentropy>);
  STATIC_REQUIRE(concepts::Loss<StructuralSimilarity>);
  STATIC_REQUIRE(concepts::Loss<EvidenceLowerBound<MeanSquaredError>>);
  STATIC_REQUIRE(concepts::Loss<decltype(Weighted{IgnoreMissing{Huber{}}, Eigen::VectorXd()} + L1Activity{})>);
  STATIC_REQUIRE(concepts::Penalty<KlSparsity>);
  STATIC_REQUIRE(concepts::Optimizer<SGD>);
  STATIC_REQUIRE(concepts::Optimizer<Nadam>);
  STATIC_REQUIRE(concepts::Noise<SaltAndPepper>);
  STATIC_REQUIRE(concepts::Schedule<OneCycle>);
  STATIC_REQUIRE(concepts::Schedule<LinearWarmUp>);
}

TEST_CASE("they do not take one thing for another") {
  STATIC_REQUIRE_FALSE(concepts::Layer<Dense<3>>);
  STATIC_REQUIRE_FALSE(concepts::Activation<VarianceScaling>);
  STATIC_REQUIRE_FALSE(concepts::Initializer<Relu>);
  STATIC_REQUIRE_FALSE(concepts::Loss<Adam>);
  STATIC_REQUIRE_FALSE(concepts::Loss<L1Activity>);
  STATIC_REQUIRE_FALSE(concepts::Penalty<MeanSquaredError>);
  STATIC_REQUIRE_FALSE(concepts::Optimizer<MeanSquaredError>);
  STATIC_REQUIRE_FALSE(concepts::Noise<double>);
  STATIC_REQUIRE_FALSE(concepts::Schedule<double>);
}

}  // namespace test_concepts
