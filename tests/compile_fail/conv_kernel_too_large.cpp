// expect: Conv2D: the kernel is larger than the input; use `same` padding or a smaller kernel
// expect: {4, 9, 1}
// expect: Conv2D<8, 5
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{4, 9, 1}, Conv2D<8, 5, relu>>;
  return static_cast<int>(Encoder::output.size());
}
