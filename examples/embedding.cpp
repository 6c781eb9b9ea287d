// Embeds images in few numbers by an autoencoder that has seen no labels: writes the codes, draws a map of them, and
// compares what they tell of the labels with principal components and with the pixels themselves.
//
//     embedding --output DIRECTORY [--data DIRECTORY] [--format csv|npy] [--noise 0.5]

#include <CLI/CLI.hpp>
#include <eigencoder/inspect/summary.hpp>
#include <eigencoder/io/csv.hpp>
#include <eigencoder/io/npy.hpp>
#include <eigencoder/io/png.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/noise/noise.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/schedules.hpp>
#include <eigencoder/plot/scatter.hpp>
#include <eigencoder/training/fit.hpp>
#include <iostream>

#include "support/embedding_models.hpp"
#include "support/embedding_report.hpp"
#include "support/guarded.hpp"
#include "support/results.hpp"

namespace {

using namespace eigencoder;
using namespace examples;
using std::filesystem::path;

constexpr Index code_units = 32;

using Model = Mirrored<DenseEncoder<code_units>>;
/// With another activation: of two values, relu leaves many samples in a corner.
using MapModel = Mirrored<DenseEncoder<2, elu>>;

struct Options {
  path data = EXAMPLE_DATA_DIR, output;
  std::string format = "csv";
  double noise = 0;
  LabelEfficiencyOptions labels;
  int epochs = 50;
  int batch_size = 128;
  double learning_rate = 2e-3;
  int threads = 0;
  std::uint64_t seed = 1;
};

template <class Model>
Model train(const Options& options, const Dataset& images) {
  Model model{Seed{options.seed}};
  std::cout << "\n" << summary(model) << "\n" << std::flush;
  const Index steps = options.epochs * ((images.size() + options.batch_size - 1) / options.batch_size);
  FitOptions fit_options{.epochs = options.epochs,
                         .batch_size = options.batch_size,
                         .seed = Seed{options.seed},
                         .threads = options.threads};
  if (options.noise > 0) fit_options.corruption = GaussianNoise{.stddev = options.noise, .clip = true};
  fit(model, images, BinaryCrossentropy{},
      Adam{.learning_rate = CosineDecay{.initial_learning_rate = options.learning_rate, .decay_steps = steps}},
      fit_options);
  return model;
}

/// The path of a file of that name, which is about to be written.
path announced(const Options& options, const std::string& name) {
  std::cout << "writing " << (options.output / name).string() << "\n";
  return options.output / name;
}

void write_codes(const Options& options, const std::string& name, const Dataset& codes) {
  if (options.format == "npy") return write_npy(announced(options, name + ".npy"), codes);
  std::vector<std::string> names;
  for (Index k = 0; k < codes.features(); ++k) names.push_back("h" + std::to_string(k));
  names.emplace_back("label");
  write_csv(announced(options, name + ".csv"), codes, {.names = names});
}

void draw_map(const Options& options, const std::string& name, const std::string& title, const Dataset& points) {
  write_png(announced(options, name), scatter_chart(points.matrix<double>(), points.labels(),
                                                    {.title = title, .x_label = {}, .width = 760, .height = 760}));
}

void embed(Options options) {
  const Results results(options.output);
  const LabelledImages images = load_images(options.data);
  options.labels.labels.push_back(images.train.size());
  options.labels.seed = Seed{options.seed};
  options.labels.threads = options.threads;

  const auto model = train<Model>(options, images.train);
  const Dataset train_codes = labelled(model.encode(images.train, options.threads), images.train);
  const Dataset test_codes = labelled(model.encode(images.test, options.threads), images.test);
  results.model(Parameters(model));
  write_codes(options, "codes-train", train_codes);
  write_codes(options, "codes-test", test_codes);

  const auto planar = train<MapModel>(options, images.train);
  const Dataset train_map = labelled(planar.encode(images.train, options.threads), images.train);
  const Dataset test_map = labelled(planar.encode(images.test, options.threads), images.test);
  const Projected components = principal_components(images.train, images.test, code_units);
  const Projected plane = principal_components(images.train, images.test, 2);
  draw_map(options, "map.png", "autoencoder: a code of 2 units", test_map);
  draw_map(options, "map-pca.png", "2 principal components", plane.test);

  std::cout << "\nAccuracy in percent of a linear probe / of the nearest neighbours, by the number of labels\n\n";
  const EmbeddingReport report(images.test, options.labels);
  report.row("pixels", images.train, images.test);
  report.row("principal components", components.train, components.test);
  report.row("autoencoder", train_codes, test_codes);
  report.row("principal components", plane.train, plane.test);
  report.row("autoencoder", train_map, test_map);
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Embeds images in few numbers by an autoencoder that has seen no labels"};
  app.option_defaults()->always_capture_default();
  app.add_option("--data", options.data, "Directory of MNIST, or of images in its format: IDX files, gzipped or not");
  app.add_option("--output", options.output, "Directory for codes, maps and the model")->required();
  app.add_option("--format", options.format, "Of the codes: csv, or npy, which has no labels")
      ->check(CLI::IsMember({"csv", "npy"}));
  app.add_option("--noise", options.noise, "Standard deviation of noise that the autoencoder learns to remove")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--labels", options.labels.labels, "Numbers of labelled images that the accuracies are told for")
      ->check(CLI::PositiveNumber);
  app.add_option("--draws", options.labels.draws, "Draws of labelled images to average over")
      ->check(CLI::PositiveNumber);
  app.add_option("--epochs", options.epochs, "Times that all images are trained on")->check(CLI::PositiveNumber);
  app.add_option("--batch-size", options.batch_size, "Images to a training step")->check(CLI::PositiveNumber);
  app.add_option("--learning-rate", options.learning_rate, "Adam's first step size; it falls to 0 along a cosine");
  app.add_option("--threads", options.threads, "Threads; 0: all cores");
  app.add_option("--seed", options.seed, "Where all randomness comes from");
  CLI11_PARSE(app, argc, argv);
  return guarded([&] { embed(options); });
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
