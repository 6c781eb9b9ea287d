// expect: TopK: the input has fewer than K values
// expect: TopK<5>
// expect: {1, 1, 4}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

Autoencoder<Sequential<Shape{12}, Dense<4>, TopK<5>>, Sequential<Shape{4}, Dense<12>>> model;
