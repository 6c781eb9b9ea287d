// Compresses 28x28 images to 7x7 symbols of an alphabet of 64 that it learns, and back.
#include "support/run.hpp"

using namespace eigencoder;

constexpr int symbols = 64;
using Encoder = Sequential<Shape{28, 28, 1}, Conv2D<32, 3, stride(2), relu, same>, Conv2D<32, 3, stride(2), relu, same>,
                           Conv2D<16, 1>, VectorQuantizer<symbols>>;
using Decoder =
    Sequential<Encoder::output, Conv2DTranspose<32, 3, stride(2), relu, same>,
               Conv2DTranspose<32, 3, stride(2), relu, same>, Conv2DTranspose<1, 3, eigencoder::sigmoid, same>>;

namespace {

/// Each image's 7x7 symbols as shades of grey, at the size of the image.
Matrix<float> drawn(const Matrix<int>& indices) {
  return Matrix<float>::NullaryExpr(indices.rows(), 28 * 28, [&](Index image, Index pixel) {
    const Index cell = pixel / 28 / 4 * 7 + pixel % 28 / 4;
    return static_cast<float>(indices(image, cell)) / (symbols - 1);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return examples::guarded([&] {
    const std::string description = "A vector-quantised autoencoder of images, 7 x 7 of 64 codes";
    const examples::Arguments arguments =
        examples::parse_arguments(argc, argv, description, {.epochs = 30, .batch_size = 128, .loss = "mse"});
    const examples::Results results(arguments.output);
    const LabelledImages images = examples::load_images(arguments.data);
    Autoencoder<Encoder, Decoder> model{Seed{arguments.seed}};
    std::cout << summary(model) << "\n" << std::flush;

    FitOptions options = fit_options(arguments, images.test);
    options.on_epoch_end = {[&](EpochEnd& end) {
      if (end.epoch() < 5) revive_codes(model, images.train, arguments.seed + static_cast<std::uint64_t>(end.epoch()));
    }};
    examples::with_loss(arguments.loss, [&](auto loss) {
      const History history = examples::train(model, images.train, loss, arguments, options);
      results.history(history);
      write_report(arguments, description, examples::subject(model), history, images.test);
      std::cout << "perplexity " << history.metrics.at("perplexity").back() << " of " << symbols << " codes\n"
                << "test error " << model.reconstruction_error(images.test, loss, 0).mean() << "\n";
    });
    results.model(examples::Parameters(model));
    const Dataset originals = images.test.slice(0, std::min<Index>(10, images.test.size()));
    results.images("reconstructions.png",
                   {originals, drawn(code_indices(model, originals)), model.reconstruct(originals)},
                   images.test.shape());
    examples::print_hash(model);
  });
}
