#pragma once

#include <eigencoder/layers/dense.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/models/autoencoder.hpp>

namespace pump {
using namespace eigencoder;
using Encoder = Sequential<Shape{6}, Dense<3, relu>>;
using Decoder = Sequential<Shape{3}, Dense<6>>;
using Model = Autoencoder<Encoder, Decoder>;
}  // namespace pump
