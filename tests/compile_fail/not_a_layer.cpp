// expect: Sequential: an argument is no layer: it has no member `template <Shape In> struct Layer`
// at most: 1 error
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

Autoencoder<Sequential<Shape{12}, Dense<4>, Relu>, Sequential<Shape{4}, Dense<12>>> model;
