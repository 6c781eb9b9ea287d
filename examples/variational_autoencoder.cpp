// Learns the distribution of 28x28 images with a code of 20 numbers, makes up new ones and changes one into another.
#include "support/variational.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{784}, Dense<400, relu>>;
using Decoder = Sequential<Shape{20}, Dense<400, relu>, Dense<784, eigencoder::sigmoid>>;

int main(int argc, char** argv) {
  return examples::run_variational<VariationalAutoencoder<Encoder, Decoder, 20>>(
      argc, argv, "A variational autoencoder of images, 784 - 400 - 20 - 400 - 784", {.epochs = 30, .batch_size = 128},
      [](const auto& model, const LabelledImages& images, const examples::Results& results) {
        const Matrix<float> codes = model.encode(images.test.slice(0, std::min<Index>(11, images.test.size())));
        Matrix<float> between(10 * (codes.rows() - 1), 784);
        for (Index row = 0; row + 1 < codes.rows(); ++row)
          between.middleRows(10 * row, 10) = model.interpolate(codes.row(row), codes.row(row + 1), 10);
        results.images("interpolations.png", {between}, images.test.shape());
      });
}
