// expect: eigencoder needs NaN and the order of operations
// flags: -ffinite-math-only
#include <eigencoder/core/target.hpp>

int main() {}
