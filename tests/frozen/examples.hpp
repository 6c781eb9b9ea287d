#pragma once

#include <eigencoder/eigencoder.hpp>

/// The models whose frozen headers docs/results.md measures: the examples', and MLPerf Tiny's anomaly detector.
namespace examples {

using namespace eigencoder;

using Dense784 = Autoencoder<Sequential<Shape{784}, Dense<32, relu>>, Sequential<Shape{32}, Dense<784, sigmoid>>>;

using ConvEncoder =
    Sequential<Shape{28, 28, 1}, Conv2D<16, 3, relu, same>, MaxPool2D<2, same>, Conv2D<8, 3, relu, same>,
               MaxPool2D<2, same>, Conv2D<8, 3, relu, same>, MaxPool2D<2, same>>;
using ConvDecoder = Sequential<ConvEncoder::output, Conv2D<8, 3, relu, same>, UpSampling2D<2>, Conv2D<8, 3, relu, same>,
                               UpSampling2D<2>, Conv2D<16, 3, relu>, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>;
using Convolutional = Autoencoder<ConvEncoder, ConvDecoder>;

using StridedEncoder = Sequential<Shape{28, 28, 1}, Conv2D<32, 3, relu, stride(2), same>,
                                  Conv2D<64, 3, relu, stride(2), same>, Flatten, Dense<32>>;
using StridedDecoder = Sequential<Shape{32}, Dense<7 * 7 * 64, relu>, Reshape<Shape{7, 7, 64}>,
                                  Conv2DTranspose<64, 3, relu, stride(2), same>,
                                  Conv2DTranspose<32, 3, relu, stride(2), same>, Conv2DTranspose<1, 3, sigmoid, same>>;
using Strided = Autoencoder<StridedEncoder, StridedDecoder>;

using Variational = VariationalAutoencoder<Sequential<Shape{784}, Dense<400, relu>>,
                                           Sequential<Shape{20}, Dense<400, relu>, Dense<784, sigmoid>>, 20>;

using Anomalies = Autoencoder<
    Sequential<Shape{640}, Dense<128, relu>, Dense<128, relu>, Dense<128, relu>, Dense<128, relu>, Dense<8, relu>>,
    Sequential<Shape{8}, Dense<128, relu>, Dense<128, relu>, Dense<128, relu>, Dense<128, relu>, Dense<640>>>;

}  // namespace examples
