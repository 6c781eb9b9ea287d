// expect: Dense: the input must be flat; put Flatten before Dense
// expect: {28, 28, 1}
// expect: Dense<32>
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() { return Sequential<Shape{28, 28, 1}, Dense<32>>::output.is_flat(); }
