// What the codes of five kinds of autoencoders tell of labels that none has seen, beside principal components and the
// pixels: the table of docs/embedding.md.
//
//     embedding_table --data DIRECTORY

#include <CLI/CLI.hpp>
#include <chrono>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/eigencoder.hpp>
#include <functional>
#include <iostream>
#include <map>

#include "../../examples/support/embedding_models.hpp"
#include "../../examples/support/embedding_report.hpp"

namespace {

using namespace eigencoder;
using namespace examples;

constexpr Index units = 32;

using Wide = Sequential<Shape{28, 28, 1}, Flatten, Dense<256, relu>>;
using Generator = Sequential<Shape{units}, Dense<256, relu>, Dense<784, sigmoid>, Reshape<Shape{28, 28, 1}>>;
using Variational = VariationalAutoencoder<Wide, Generator, units>;

/// One layer, as contraction asks for; with a sigmoid, the original's, it learns even less in as many epochs.
using ContractiveEncoder = Sequential<Shape{28, 28, 1}, Flatten, Contractive<Dense<units, eigencoder::tanh>, 1e-4>>;
using ContractiveDecoder = Sequential<Shape{units}, Dense<784, sigmoid>, Reshape<Shape{28, 28, 1}>>;

class Table {
 public:
  Table(const LabelledImages& images, int epochs, int threads)
      : images_(images),
        epochs_(epochs),
        threads_(threads),
        report_(images.test, {.labels = {10, 100, 1000, images.train.size()}, .threads = threads}) {}

  void pixels() const { report_.row("pixels", images_.train, images_.test); }

  void components() const {
    const Projected codes = principal_components(images_.train, images_.test, units);
    report_.row("principal components", codes.train, codes.test);
  }

  template <class Model>
  void model(const std::string& name, const Corruption& corruption = {}) const {
    Model model{Seed{1}};
    const auto start = std::chrono::steady_clock::now();
    const Index steps = epochs_ * ((images_.train.size() + batch_size - 1) / batch_size);
    fit(model, images_.train, BinaryCrossentropy{},
        Adam{.learning_rate = CosineDecay{.initial_learning_rate = 1e-3, .decay_steps = steps}},
        {.epochs = epochs_, .batch_size = batch_size, .corruption = corruption, .seed = 1, .threads = threads_});
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::cerr << name << ": " << taken.count() << " s\n";
    report_.row(name, labelled(model.encode(images_.train, threads_), images_.train),
                labelled(model.encode(images_.test, threads_), images_.test));
  }

 private:
  static constexpr int batch_size = 128;

  const LabelledImages& images_;
  int epochs_;
  int threads_;
  EmbeddingReport report_;
};

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path data = EXAMPLE_DATA_DIR;
  int epochs = 20, threads = 0;
  std::vector<std::string> codes{"pixels", "pca", "dense", "denoising", "conv", "variational", "contractive"};
  CLI::App app{"What the codes of autoencoders tell of labels, beside principal components and pixels"};
  app.option_defaults()->always_capture_default();
  app.add_option("--data", data, "Directory of MNIST, or of images in its format");
  app.add_option("--codes", codes, "Rows of the table");
  app.add_option("--epochs", epochs, "Times that all images are trained on")->check(CLI::PositiveNumber);
  app.add_option("--threads", threads, "Threads; 0: all cores");
  CLI11_PARSE(app, argc, argv);

  const LabelledImages images = read_mnist(data);
  const Table table(images, epochs, threads);
  const std::map<std::string, std::function<void()>> rows{
      {"pixels", [&] { table.pixels(); }},
      {"pca", [&] { table.components(); }},
      {"dense", [&] { table.model<Mirrored<DenseEncoder<units>>>("dense"); }},
      {"denoising",
       [&] { table.model<Mirrored<DenseEncoder<units>>>("denoising", GaussianNoise{.stddev = 0.5, .clip = true}); }},
      {"conv", [&] { table.model<Mirrored<ConvEncoder<units>>>("convolutional"); }},
      {"variational", [&] { table.model<Variational>("variational"); }},
      {"contractive", [&] { table.model<Autoencoder<ContractiveEncoder, ContractiveDecoder>>("contractive"); }},
  };
  for (const std::string& code : codes) {
    if (!rows.contains(code)) throw std::invalid_argument("no code is called " + code);
    rows.at(code)();
  }
}
