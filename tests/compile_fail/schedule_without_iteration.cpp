// expect: schedule: it is neither a number nor a function of the iteration
// at most: 1 error
#include <eigencoder/optimizers/adam.hpp>

const eigencoder::Adam optimizer{.learning_rate = "fast"};
