// expect: Sequential: every dimension of the input shape must be at least 1
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() { return Sequential<Shape{0}, Dense<32>>::output.is_flat(); }
