// Compresses 28x28 images to 64 numbers of which few are far from zero, so that each stands for a part of a digit.
#include "support/run.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{784}, Dense<64, sigmoid>>;
using Decoder = Sequential<Encoder::output, Dense<784, sigmoid>>;

namespace {

struct Sparse : examples::Plain {
  /// Every unit is to be active in 5 % of the images.
  template <class Loss>
  static auto loss(Loss loss) {
    return loss + KlSparsity{.rho = 0.05, .weight = 0.1};
  }

  /// The reconstructions, and what each unit looks for: its weights as an image, from the least (black) to the
  /// greatest.
  template <class Model>
  static void show(const Model& model, const LabelledImages& images, const examples::Results& results) {
    examples::Plain::show(model, images, results);
    const Matrix<float> kernel = Eigen::Map<const Matrix<float>>(model.parameters().data(), 784, 64);
    Matrix<float> filters = kernel.transpose();
    for (Index unit = 0; unit < filters.rows(); ++unit) {
      const float least = filters.row(unit).minCoeff(), greatest = filters.row(unit).maxCoeff();
      filters.row(unit) = (filters.row(unit).array() - least) / (greatest - least);
    }
    results.images("filters.png", {filters}, images.test.shape(), 16);
    std::cout << "mean activation of the code " << model.encode(images.test).mean() << ", asked for 0.05\n";
  }
};

}  // namespace

int main(int argc, char** argv) {
  return examples::run<Autoencoder<Encoder, Decoder>, Sparse>(argc, argv,
                                                              "A sparse autoencoder of images, 784 - 64 - 784");
}
