// expect: Dense: the number of units must be at least 1
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() { return Sequential<Shape{784}, Dense<0, relu>>::output.is_flat(); }
