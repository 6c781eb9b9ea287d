#pragma once

#include <eigencoder/layers/conv2d.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/layers/flatten.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <eigencoder/models/mirror.hpp>

/// The encoders of images of 28 x 28 pixels that `embedding` and `feature_learning` train, and that
/// benchmarks/embedding compares with others.
namespace examples {

/// A code of so many values, none of them bounded.
template <eigencoder::Index Units, auto Activation = eigencoder::relu>
using DenseEncoder =
    eigencoder::Sequential<eigencoder::Shape{28, 28, 1}, eigencoder::Flatten, eigencoder::Dense<256, Activation>,
                           eigencoder::Dense<64, Activation>, eigencoder::Dense<Units>>;

template <eigencoder::Index Units>
using ConvEncoder =
    eigencoder::Sequential<eigencoder::Shape{28, 28, 1},
                           eigencoder::Conv2D<16, 3, eigencoder::relu, eigencoder::same, eigencoder::stride(2)>,
                           eigencoder::Conv2D<32, 3, eigencoder::relu, eigencoder::same, eigencoder::stride(2)>,
                           eigencoder::Flatten, eigencoder::Dense<Units>>;

template <class Encoder>
using Mirrored = eigencoder::Autoencoder<Encoder, eigencoder::Mirror<Encoder>>;

}  // namespace examples
