// The language has no words for a field that does not exist; compilers name the struct whose fields to look at.
// expect: FitOptions
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

Autoencoder<Sequential<Shape{12}, Dense<4>>, Sequential<Shape{4}, Dense<12>>> model;

void train(const Dataset& data) { fit(model, data, MeanSquaredError{}, Adam{}, {.epoch = 2}); }
