// Learns the distribution of 28x28 images with a code of 2 numbers, and draws the map of what each code stands for.
#include "support/variational.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{28, 28, 1}, Conv2D<32, 3, stride(2), relu, same>, Conv2D<64, 3, stride(2), relu, same>,
                           Flatten, Dense<16, relu>>;
using Decoder = Sequential<Shape{2}, Dense<7 * 7 * 64, relu>, Reshape<Shape{7, 7, 64}>,
                           Conv2DTranspose<64, 3, stride(2), relu, same>, Conv2DTranspose<32, 3, stride(2), relu, same>,
                           Conv2DTranspose<1, 3, eigencoder::sigmoid, same>>;

int main(int argc, char** argv) {
  return examples::run_variational<VariationalAutoencoder<Encoder, Decoder, 2>>(
      argc, argv, "A convolutional variational autoencoder of images with a code of 2 numbers",
      {.epochs = 40, .batch_size = 128, .learning_rate = 2e-3},
      [](const auto& model, const LabelledImages& images, const examples::Results& results) {
        constexpr Index side = 15;
        Matrix<float> codes(side * side, 2);
        for (Index row = 0; row < side; ++row)
          for (Index column = 0; column < side; ++column) {
            const auto place = [](Index k) { return 4 * static_cast<float>(k) / (side - 1) - 2; };
            codes.row(row * side + column) << place(column), -place(row);
          }
        results.images("manifold.png", {model.decode(codes)}, images.test.shape(), side);
      });
}
