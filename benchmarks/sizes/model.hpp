#pragma once

#include <eigencoder/eigencoder.hpp>

using Model =
    eigencoder::Autoencoder<eigencoder::Sequential<eigencoder::Shape{784}, eigencoder::Dense<32, eigencoder::relu>>,
                            eigencoder::Sequential<eigencoder::Shape{32}, eigencoder::Dense<784, eigencoder::sigmoid>>>;
