// expect: Dense: an option of the same kind is given twice
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() { return Sequential<Shape{784}, Dense<32, relu, sigmoid>>::output.is_flat(); }
