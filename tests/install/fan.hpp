#pragma once

#include <eigencoder/layers/dense.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/models/autoencoder.hpp>

namespace fan {
using namespace eigencoder;
using Model = Autoencoder<Sequential<Shape{6}, Dense<2>>, Sequential<Shape{2}, Dense<6>>>;
}  // namespace fan
