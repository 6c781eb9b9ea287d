#include <conformance/training.hpp>

using namespace eigencoder;
using test::Golden;

namespace {

/// 20 steps of Adam on the examples' model, from the golden file's weights and images.
template <class Model>
void check_model(const Golden& golden, std::uint64_t stream, Index samples, Index batch_size, int threads) {
  using Scalar = typename Model::Scalar;
  CAPTURE(sizeof(Scalar), threads);
  const auto input = test::hashed_images<Scalar>(stream, samples, Model::input.size());
  Model model;
  test::set_hashed_parameters(model);
  const auto losses = test::train(model, Samples(input), BinaryCrossentropy{}, Adam{.learning_rate = 1e-3}, batch_size,
                                  test::golden_steps, threads);
  test::check_agrees<Scalar>(golden, "loss", losses);
  test::check_agrees<Scalar>(golden, "output", model.reconstruct(input.topRows(3)));
  test::check_sampled_parameters(model, golden);
}

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

TEMPLATE_TEST_CASE("the convolutional autoencoder agrees with Keras and PyTorch", "", float, double) {
  const Golden golden("conv_model");
  check_model<Autoencoder<ConvEncoder, ConvDecoder, TestType>>(golden, 500, 70, 20, 1);
  check_model<Autoencoder<ConvEncoder, ConvDecoder, TestType>>(golden, 500, 70, 20, 2);
}

TEMPLATE_TEST_CASE("the strided autoencoder agrees with Keras and PyTorch", "", float, double) {
  const Golden golden("strided_model");
  check_model<Autoencoder<StridedEncoder, StridedDecoder, TestType>>(golden, 600, 35, 10, 2);
}
