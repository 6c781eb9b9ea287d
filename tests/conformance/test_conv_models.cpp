#include <conformance/training.hpp>

#include "../../benchmarks/peers/eigencoder_models.hpp"

namespace test_conv_models {

using namespace eigencoder;
using test::Golden;

// What is compared in speed.
using peers::ConvDecoder;
using peers::ConvEncoder;
using peers::StridedDecoder;
using peers::StridedEncoder;

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
