// expect: it begins with the one loss, to which penalties are added
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

auto loss() { return MeanSquaredError{} + MeanAbsoluteError{}; }
