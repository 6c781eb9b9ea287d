// expect: Mirror: a dilated convolution that changes the shape cannot be undone; write the decoder out
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Encoder = Sequential<Shape{9, 9, 1}, Conv2D<8, 3, dilation(2)>>;
  return static_cast<int>(Mirror<Encoder>::output.size());
}
