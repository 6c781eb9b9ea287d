// Whether features that were learnt without labels help where labels are few: an encoder that has learnt to remove
// noise is trained on with few labels, beside the same network from scratch.
//
//     feature_learning [--data DIRECTORY] [--labels 10 100 1000]

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <eigencoder/applications/few_labels.hpp>
#include <eigencoder/applications/fine_tuning.hpp>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/data/one_hot.hpp>
#include <eigencoder/inspect/accuracy.hpp>
#include <eigencoder/inspect/summary.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/categorical_crossentropy.hpp>
#include <eigencoder/models/classifier.hpp>
#include <eigencoder/noise/noise.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/schedules.hpp>
#include <eigencoder/training/fit.hpp>
#include <iostream>

#include "support/embedding_models.hpp"
#include "support/guarded.hpp"

namespace {

using namespace eigencoder;
using namespace examples;

using Encoder = DenseEncoder<32>;
using Model = Mirrored<Encoder>;
using Digits = Classifier<Encoder, Sequential<Encoder::output, Dense<10>>>;

struct Options {
  std::filesystem::path data = EXAMPLE_DATA_DIR;
  std::vector<Index> labels{10, 100, 1000};
  int seeds = 3;
  int epochs = 20;
  Index steps = 500;
  double noise = 0.5;
  double learning_rate = 1e-3;
  int threads = 0;
};

Model pretrain(const Options& options, const Dataset& images, Seed seed) {
  Model model{seed};
  fit(model, images, BinaryCrossentropy{}, Adam{.learning_rate = options.learning_rate},
      {.epochs = options.epochs,
       .batch_size = 128,
       .corruption = GaussianNoise{.stddev = options.noise, .clip = true},
       .seed = seed,
       .threads = options.threads});
  return model;
}

/// Trains on with the labels that there are.
void train(const Options& options, Digits& model, const Dataset& images, Seed seed) {
  constexpr Index batch_size = 64;
  const Index steps_per_epoch = (images.size() + batch_size - 1) / batch_size;
  const Index epochs = std::max<Index>(5, options.steps / steps_per_epoch);
  const CosineDecay rate{.initial_learning_rate = options.learning_rate, .decay_steps = epochs * steps_per_epoch};
  fit(model, images, CategoricalCrossentropy{}, Adam{.learning_rate = rate},
      {.epochs = epochs,
       .batch_size = batch_size,
       .targets = one_hot(images.labels(), Digits::classes),
       .seed = seed,
       .threads = options.threads,
       .progress = false});
}

/// Accuracies in percent with so many labels, an entry a seed.
struct Row {
  Index labels = 0;
  std::vector<double> from_scratch{}, probe{}, fine_tuned{};
};

/// "71.2 ± 1.3": the mean and the standard deviation.
std::string to_text(const std::vector<double>& values) {
  const Eigen::Map<const Eigen::ArrayXd> x(values.data(), std::ssize(values));
  const double spread = x.size() > 1 ? std::sqrt((x - x.mean()).square().sum() / static_cast<double>(x.size() - 1)) : 0;
  char text[64];
  std::snprintf(text, sizeof text, "%.1f ± %.1f", x.mean(), spread);
  return text;
}

void compare(const Options& options) {
  const LabelledImages images = read_mnist(options.data);
  std::vector<Row> rows;
  for (const Index labels : options.labels) rows.push_back({.labels = std::min(labels, images.train.size())});
  rows.push_back({.labels = images.train.size()});
  std::cout << summary(Digits{}) << "\n" << std::flush;

  const auto test_accuracy = [&](const Digits& model) {
    return 100 * accuracy(model.predict(images.test, options.threads), images.test.labels());
  };
  for (int number = 1; number <= options.seeds; ++number) {
    const Seed seed{static_cast<std::uint64_t>(number)};
    std::cerr << "seed " << number << " of " << options.seeds << "\n";
    const Model autoencoder = pretrain(options, images.train, seed);
    for (Row& row : rows) {
      const Dataset labelled = images.train.select(few_labels(images.train.labels(), row.labels, seed));
      Digits from_scratch{seed}, pretrained{seed};
      train(options, from_scratch, labelled, seed);
      row.from_scratch.push_back(test_accuracy(from_scratch));
      start_fine_tuning(autoencoder, pretrained, labelled);
      row.probe.push_back(test_accuracy(pretrained));
      train(options, pretrained, labelled, seed);
      row.fine_tuned.push_back(test_accuracy(pretrained));
      std::fprintf(stderr, "%td labels: from scratch %.1f %%, probe %.1f %%, fine-tuned %.1f %%\n", labelled.size(),
                   row.from_scratch.back(), row.probe.back(), row.fine_tuned.back());
    }
  }

  std::cout << "Accuracy on the test images in percent, mean and deviation over the seeds\n\n"
               "| labels | from scratch | linear probe of the code | fine-tuned |\n| --- | --- | --- | --- |\n";
  for (const Row& row : rows)
    std::cout << "| " << row.labels << " | " << to_text(row.from_scratch) << " | " << to_text(row.probe) << " | "
              << to_text(row.fine_tuned) << " |\n";
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Compares an encoder that has learnt without labels with the same network from scratch"};
  app.option_defaults()->always_capture_default();
  app.add_option("--data", options.data, "Directory of MNIST, or of images in its format: IDX files, gzipped or not");
  app.add_option("--labels", options.labels, "Numbers of labelled images to learn from; then all are taken")
      ->check(CLI::PositiveNumber);
  app.add_option("--seeds", options.seeds, "How often all is done, each time with other random numbers")
      ->check(CLI::PositiveNumber);
  app.add_option("--epochs", options.epochs, "Times that all images are trained on without labels")
      ->check(CLI::PositiveNumber);
  app.add_option("--steps", options.steps, "Training steps with labels, of 64 images; at least 5 epochs")
      ->check(CLI::PositiveNumber);
  app.add_option("--noise", options.noise, "Standard deviation of the noise that the encoder learns to remove")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--learning-rate", options.learning_rate,
                 "Adam's step size; with labels it falls to 0 along a cosine");
  app.add_option("--threads", options.threads, "Threads; 0: all cores");
  CLI11_PARSE(app, argc, argv);
  return guarded([&] { compare(options); });
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
