// expect: TopK: the input has fewer than K values
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

Autoencoder<Sequential<Shape{12}, Dense<4>, TopK<5>>, Sequential<Shape{4}, Dense<12>>> model;
