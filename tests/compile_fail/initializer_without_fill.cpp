// expect: initialiser: `template <class Scalar, class Random> void fill(
// at most: 1 error
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/models/autoencoder.hpp>

using namespace eigencoder;

struct Orthogonal : InitializerOption {};

Autoencoder<Sequential<Shape{12}, Dense<4, Orthogonal{}>>, Sequential<Shape{4}, Dense<12>>> model;
