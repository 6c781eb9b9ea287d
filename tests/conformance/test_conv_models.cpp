#include <conformance/training.hpp>

namespace test_conv_models {

using namespace eigencoder;
using test::Golden;

namespace {

using ConvEncoder =
    Sequential<Shape{28, 28, 1}, Conv2D<16, 3, relu, same>, MaxPool2D<2, same>, Conv2D<8, 3, relu, same>,
               MaxPool2D<2, same>, Conv2D<8, 3, relu, same>, MaxPool2D<2, same>>;
using ConvDecoder = Sequential<ConvEncoder::output, Conv2D<8, 3, relu, same>, UpSampling2D<2>, Conv2D<8, 3, relu, same>,
                               UpSampling2D<2>, Conv2D<16, 3, relu>, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>;

using StridedEncoder = Sequential<Shape{28, 28, 1}, Conv2D<32, 3, stride(2), relu, same>,
                                  Conv2D<64, 3, stride(2), relu, same>, Flatten, Dense<32>>;
using StridedDecoder = Sequential<Shape{32}, Dense<7 * 7 * 64, relu>, Reshape<Shape{7, 7, 64}>,
                                  Conv2DTranspose<64, 3, stride(2), relu, same>,
                                  Conv2DTranspose<32, 3, stride(2), relu, same>, Conv2DTranspose<1, 3, sigmoid, same>>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("the convolutional autoencoder agrees with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("conv_model");
  test::check_large_model<Autoencoder<ConvEncoder, ConvDecoder, TestType>>(golden, 500, 70, 20, 1);
  test::check_large_model<Autoencoder<ConvEncoder, ConvDecoder, TestType>>(golden, 500, 70, 20, 2);
}

TEMPLATE_LIST_TEST_CASE("the strided autoencoder agrees with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("strided_model");
  test::check_large_model<Autoencoder<StridedEncoder, StridedDecoder, TestType>>(golden, 600, 35, 10, 2);
}

}  // namespace test_conv_models
