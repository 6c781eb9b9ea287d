#pragma once

#include <eigencoder/eigencoder.hpp>

/// The models of models.py. tests/conformance compares them with these frameworks' results.
namespace peers {

using eigencoder::Autoencoder;
using eigencoder::Conv2D;
using eigencoder::Conv2DTranspose;
using eigencoder::Dense;
using eigencoder::Flatten;
using eigencoder::Index;
using eigencoder::MaxPool2D;
using eigencoder::relu;
using eigencoder::Reshape;
using eigencoder::same;
using eigencoder::Sequential;
using eigencoder::Shape;
using eigencoder::sigmoid;
using eigencoder::stride;
using eigencoder::UpSampling2D;
using eigencoder::VariationalAutoencoder;

template <auto Activation>
using DenseModel =
    Autoencoder<Sequential<Shape{784}, Dense<32, Activation>>, Sequential<Shape{32}, Dense<784, sigmoid>>>;

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

/// Colour images of Size x Size pixels.
template <Index Size, Index Rest = Size / 16>
using Photo = Autoencoder<
    Sequential<Shape{Size, Size, 3}, Conv2D<32, 3, stride(2), relu, same>, Conv2D<64, 3, stride(2), relu, same>,
               Conv2D<128, 3, stride(2), relu, same>, Conv2D<256, 3, stride(2), relu, same>, Flatten, Dense<128>>,
    Sequential<Shape{128}, Dense<Rest * Rest * 256, relu>, Reshape<Shape{Rest, Rest, 256}>,
               Conv2DTranspose<128, 3, stride(2), relu, same>, Conv2DTranspose<64, 3, stride(2), relu, same>,
               Conv2DTranspose<32, 3, stride(2), relu, same>, Conv2DTranspose<3, 3, stride(2), sigmoid, same>>>;

using Variational = VariationalAutoencoder<Sequential<Shape{784}, Dense<400, relu>>,
                                           Sequential<Shape{20}, Dense<400, relu>, Dense<784, sigmoid>>, 20>;

}  // namespace peers
