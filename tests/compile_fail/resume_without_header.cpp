// expect: FitOptions::resume: include <eigencoder/io/checkpoint.hpp>, which reads checkpoints
// at most: 1 error
#include <eigencoder/eigencoder.hpp>

const eigencoder::FitOptions options{.resume = "run.safetensors"};
