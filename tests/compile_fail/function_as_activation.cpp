// expect: an option is a function of <cmath>; the activation of that name is written eigencoder::tanh
#include <eigencoder/eigencoder.hpp>

using Encoder = eigencoder::Sequential<eigencoder::Shape{784}, eigencoder::Dense<32, tanh>>;

int main() { return Encoder::output.is_flat(); }
