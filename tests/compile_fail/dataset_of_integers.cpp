// expect: Dataset: a matrix must hold float or double; images of bytes are made by Dataset::from_bytes
#include <eigencoder/data/dataset.hpp>

int main() {
  const eigencoder::Matrix<int> x(2, 3);
  return eigencoder::Dataset(x).empty();
}
