// expect: Dense: the input must be flat; put Flatten before Dense
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() { return Sequential<Shape{28, 28, 1}, Dense<32>>::output.is_flat(); }
