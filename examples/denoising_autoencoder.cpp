// Takes noise off 28x28 images: trained on noisy images, fresh noise in every epoch, with the clean ones as targets.
#include "support/run.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{28, 28, 1}, Conv2D<32, 3, stride(2), relu, same>, Conv2D<64, 3, stride(2), relu, same>,
                           Flatten, Dense<32>>;
using Decoder = Sequential<Encoder::output, Dense<7 * 7 * 64, relu>, Reshape<Shape{7, 7, 64}>,
                           Conv2DTranspose<64, 3, stride(2), relu, same>, Conv2DTranspose<32, 3, stride(2), relu, same>,
                           Conv2DTranspose<1, 3, sigmoid, same>>;

namespace {

constexpr GaussianNoise noise{.stddev = 0.5, .clip = true};

struct Denoising : examples::Plain {
  static FitOptions options(FitOptions options) {
    options.corruption = noise;
    return options;
  }

  /// Ten test images: noisy, clean, restored.
  template <class Model>
  static void show(const Model& model, const LabelledImages& images, const examples::Results& results) {
    const Dataset clean = examples::first_images(images.test, 10);
    Matrix<float> noisy = clean.matrix<float>();
    const Philox stream(Seed{1});
    for (Index i = 0; i < noisy.rows(); ++i)
      noise.apply(std::span<float>(noisy.row(i).data(), static_cast<std::size_t>(noisy.cols())), 0, i, stream);
    results.images("restored.png", {noisy, clean, model.reconstruct(noisy)}, images.test.shape());
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::run<Autoencoder<Encoder, Decoder>, Denoising>(
      argc, argv, "A denoising autoencoder of images, convolutional", {.epochs = 30, .batch_size = 64, .loss = "mse"});
}
