// expect: Reshape: the new shape must hold as many values as the input
// expect: {1, 1, 784}
// expect: {7, 7, 64}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() { return Sequential<Shape{784}, Reshape<Shape{7, 7, 64}>>::output.is_flat(); }
