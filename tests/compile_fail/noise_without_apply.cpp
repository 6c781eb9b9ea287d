// expect: noise: `template <class Scalar> void apply(
// at most: 1 error
#include <eigencoder/noise/corruption.hpp>

const eigencoder::Corruption corruption = 0.5;
