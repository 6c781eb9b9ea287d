// expect: eigencoder needs NaN and the order of operations
// flags: -ffast-math
#include <eigencoder/core/target.hpp>

int main() {}
