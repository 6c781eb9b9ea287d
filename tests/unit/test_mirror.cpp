#include <eigencoder/eigencoder.hpp>
#include <eigencoder/models/mirror.hpp>

#include "support/catch.hpp"

namespace test_mirror {

using namespace eigencoder;

namespace {

template <class Encoder>
constexpr bool restores = Mirror<Encoder>::input == Encoder::output && Mirror<Encoder>::output == Encoder::input;

}  // namespace

TEST_CASE("a mirror is the decoder that one would write") {
  using Encoder = Sequential<Shape{8, 8, 1}, Conv2D<4, 3, relu, same>, MaxPool2D<2>, Flatten, Dense<5>>;
  using Decoder = Mirror<Encoder>;
  STATIC_REQUIRE(
      std::is_same_v<Decoder, Sequential<Shape{5}, Dense<64, relu, use_bias, glorot_uniform>, Reshape<Shape{4, 4, 4}>,
                                         UpSampling2D<Size{2, 2}>,
                                         Conv2D<1, Size{3, 3}, sigmoid, same, dilation(1), use_bias, glorot_uniform>>>);
}

TEST_CASE("a mirror restores every shape") {
  using Pooled = Sequential<Shape{28, 28, 1}, Conv2D<16, 3, relu, same>, MaxPool2D<2, same>, Conv2D<8, 3, relu, same>,
                            MaxPool2D<2, same>, Conv2D<8, 3, relu, same>, MaxPool2D<2, same>>;
  STATIC_REQUIRE(restores<Pooled>);
  using Strided = Sequential<Shape{28, 28, 1}, Conv2D<4, 3, stride(2), same, relu>, Conv2D<8, 3, stride(2), same>,
                             Conv2D<8, 3, stride(2), same, relu>, Flatten, Dense<6>>;
  STATIC_REQUIRE(restores<Strided>);
  using EvenKernels =
      Sequential<Shape{9, 12, 3}, Conv2D<4, 4, stride(2), same, relu>, AveragePool2D<2>, Dropout<0.25>, Conv2D<2, 2>>;
  STATIC_REQUIRE(restores<EvenKernels>);
  using Uneven =
      Sequential<Shape{11, 13, 2}, Conv2D<3, Size{3, 2}, stride(3, 2)>, Activation<relu>, MaxPool2D<2, stride(1)>>;
  STATIC_REQUIRE(restores<Uneven>);
  using Overlapping = Sequential<Shape{13, 11, 2}, MaxPool2D<3, stride(2)>, ZeroPadding2D<1>, Cropping2D<Size{1, 2}>,
                                 GlobalAveragePool2D>;
  STATIC_REQUIRE(restores<Overlapping>);
  using Enlarging =
      Sequential<Shape{6}, Reshape<Shape{2, 3, 1}>, Conv2DTranspose<2, 3, stride(2), same>, UpSampling2D<2>, Flatten>;
  STATIC_REQUIRE(restores<Enlarging>);
  using Dilated = Sequential<Shape{8, 8, 1}, Conv2D<2, 3, dilation(2), same>, Flatten, Dense<4>, Dense<2>>;
  STATIC_REQUIRE(restores<Dilated>);
}

TEST_CASE("a model with a mirror trains") {
  using Encoder = Sequential<Shape{7, 7, 1}, Conv2D<4, 3, stride(2), same, relu>, Flatten, Dense<8>>;
  Autoencoder<Encoder, Mirror<Encoder>> model{Seed{3}};
  const Matrix<float> x = (Matrix<float>::Random(64, 49).array() + 1) / 2;
  const History history = fit(model, x, BinaryCrossentropy{}, Adam{}, {.epochs = 5, .progress = false});
  CHECK(history.loss.back() < history.loss.front());
}

}  // namespace test_mirror
