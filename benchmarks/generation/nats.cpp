// How likely a variational autoencoder finds the black and white test images of MNIST, in nats, beside what is
// published for the same model.
//
//     nats --data DIR
//     nats --data DIR --epochs 500 --learning-rate 1e-4 --by-steps    (pythae's settings; benchmarks/generation/pythae)
//
// The model is the one that pythae reproduces: 784 - 400 relu - 40 - 400 relu - 784, trained on 50,000 images, chosen
// by 10,000, tested on 10,000. Each pixel is white with the probability that it is grey, drawn once and for all; images
// that are black and white stay what they are.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <eigencoder/data/mnist.hpp>

#include "../../examples/support/guarded.hpp"
#include "../../examples/support/image_models.hpp"

namespace {

using namespace eigencoder;

using Encoder = Sequential<Shape{784}, Dense<400, relu>>;
using Decoder = Sequential<Shape{40}, Dense<400, relu>, Dense<784, eigencoder::sigmoid>>;

struct Options {
  std::filesystem::path data;
  int epochs = 150;
  int batch_size = 100;
  double learning_rate = 5e-4;
  bool by_steps = false;
  int draws = 200;
  int repetitions = 5;
  int threads = 0;
  std::uint64_t seed = 1;
};

void run(const Options& options) {
  const LabelledImages grey = read_mnist(options.data);
  const auto black_and_white = [&](const Dataset& images, std::uint64_t seed) {
    return examples::binarized(images, Seed{seed}).reshaped(Shape{784});
  };
  const Dataset all = black_and_white(grey.train, options.seed), test = black_and_white(grey.test, options.seed + 1);
  const Index held_out = all.size() / 6;
  const Dataset train = all.slice(0, all.size() - held_out), validation = all.slice(train.size(), held_out);

  VariationalAutoencoder<Encoder, Decoder, 40> model{Seed{options.seed}};
  const Index steps = options.epochs * ((train.size() + options.batch_size - 1) / options.batch_size);
  const double rate = options.learning_rate, fall = std::pow(10, -0.2);
  const PiecewiseConstantDecay decay{.boundaries = {steps * 2 / 5, steps * 7 / 10},
                                     .values = {rate, rate * fall, rate * fall * fall}};
  const LearningRate learning_rate =
      options.by_steps ? LearningRate(decay)
                       : LearningRate(CosineDecay{.initial_learning_rate = rate, .decay_steps = steps});
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t busy = std::clock();
  const History history =
      fit(model, train, BinaryCrossentropy{}, Adam{.learning_rate = learning_rate},
          {.epochs = options.epochs,
           .batch_size = options.batch_size,
           .validation = validation,
           .on_epoch_end = {EarlyStopping{.patience = options.epochs, .restore_best_weights = true}},
           .seed = Seed{options.seed},
           .threads = options.threads});
  std::printf(
      "trained for %.0f s, %.0f s of processor time; bounds of the last epoch: training %.2f, validation %.2f\n",
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
      static_cast<double>(std::clock() - busy) / CLOCKS_PER_SEC, history.loss.back(), history.validation_loss.back());
  double sum = 0, squares = 0;
  for (int k = 0; k < options.repetitions; ++k) {
    const double nats =
        negative_log_likelihood(model, test, options.draws, Seed{options.seed + 2 + static_cast<std::uint64_t>(k)},
                                BinaryCrossentropy{}, options.threads);
    sum += nats;
    squares += nats * nats;
  }
  const double mean = sum / options.repetitions;
  std::printf("negative log-likelihood of the test images: %.2f nats, deviation %.3f over %d seeds of %d draws\n", mean,
              std::sqrt(std::max(0.0, squares / options.repetitions - mean * mean)), options.repetitions,
              options.draws);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"How likely a variational autoencoder finds the black and white test images of MNIST"};
  app.option_defaults()->always_capture_default();
  app.add_option("--data", options.data, "Directory of MNIST: IDX files, gzipped or not")->required();
  app.add_option("--epochs", options.epochs, "Times that all images are trained on")->check(CLI::PositiveNumber);
  app.add_option("--batch-size", options.batch_size, "Images to a training step")->check(CLI::PositiveNumber);
  app.add_option("--learning-rate", options.learning_rate, "Adam's first step size; it falls to 0 along a cosine");
  app.add_flag("--by-steps", options.by_steps,
               "Or it is multiplied by 10^(-1/5) after 2/5 and after 7/10 of the epochs");
  app.add_option("--draws", options.draws, "Codes drawn for an image's likelihood")->check(CLI::PositiveNumber);
  app.add_option("--repetitions", options.repetitions, "Seeds of these draws")->check(CLI::PositiveNumber);
  app.add_option("--threads", options.threads, "Threads to train with; 0: all cores");
  app.add_option("--seed", options.seed, "Where all randomness comes from");
  CLI11_PARSE(app, argc, argv);
  return examples::guarded([&] { run(options); });
}
