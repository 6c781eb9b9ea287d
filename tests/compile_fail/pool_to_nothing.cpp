// expect: MaxPool2D: the pool is larger than the input; nothing is left of it
// expect: MaxPool2D<2>
// expect: {1, 1, 1}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{3, 3, 1}, MaxPool2D<2>, MaxPool2D<2>>;
  return static_cast<int>(Encoder::output.size());
}
