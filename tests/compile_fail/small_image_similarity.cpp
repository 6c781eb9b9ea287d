// expect: StructuralSimilarity: the images must have at least 11 rows and 11 columns
// expect: {7, 28, 1}
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() {
  Autoencoder<Sequential<Shape{7, 28, 1}, Conv2D<4, 3, same>>, Sequential<Shape{7, 28, 4}, Conv2D<1, 3, same>>> model;
  return static_cast<int>(evaluate(model, Matrix<float>::Zero(1, 196), StructuralSimilarity{}));
}
