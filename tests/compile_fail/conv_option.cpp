// expect: Conv2D: an option is none of: an activation, same, valid
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{9, 9, 1}, Conv2D<8, 3, output_padding(1)>>;
  return static_cast<int>(Encoder::output.size());
}
