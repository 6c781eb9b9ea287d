// expect: Cropping2D: the cropping leaves nothing of the input
// expect: Cropping2D<
// expect: {4, 4, 1}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{4, 4, 1}, Cropping2D<2>>;
  return static_cast<int>(Encoder::output.size());
}
