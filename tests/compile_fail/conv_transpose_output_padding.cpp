// expect: Conv2DTranspose: output_padding must be smaller than the stride
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  using Decoder = Sequential<Shape{4, 4, 8}, Conv2DTranspose<1, 3, stride(2), same, output_padding(2)>>;
  return static_cast<int>(Decoder::output.size());
}
