// expect: VariationalAutoencoder: the decoder's input shape must be the number of latent units
// expect: {1, 1, 3}
// expect: {1, 1, 2}
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/models/variational_autoencoder.hpp>

using namespace eigencoder;

VariationalAutoencoder<Sequential<Shape{12}, Dense<8>>, Sequential<Shape{3}, Dense<12>>, 2> model;
