// Learns what images look like, makes up new ones in several ways, and measures how good they are.
//
//     generate --data DIR --output DIRECTORY
//
// Leaves samples_*.png, classes.png, interpolations.png, traversals.png and painted.png.

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <eigencoder/applications/class_grid.hpp>
#include <eigencoder/applications/reconstruct_missing.hpp>
#include <eigencoder/inspect/accuracy.hpp>
#include <eigencoder/io/png.hpp>
#include <iostream>

#include "support/generation.hpp"
#include "support/guarded.hpp"

namespace {

using namespace eigencoder;
using namespace examples;
using std::filesystem::path;

struct Options {
  path data = EXAMPLE_DATA_DIR, output = ".";
  int epochs = 30;
  int batch_size = 128;
  Index components = 10;
  int threads = 0;
  std::uint64_t seed = 1;
};

class Pictures {
 public:
  explicit Pictures(path directory) : directory_(std::move(directory)) {
    std::filesystem::create_directories(directory_);
  }
  void write(const std::string& name, const std::vector<Dataset>& sets, Index columns = 10) const {
    const path file = directory_ / name;
    std::cout << "writing " << file.string() << "\n";
    write_png_grid(file, sets, Shape{28, 28, 1}, {.columns = columns});
  }

 private:
  path directory_;
};

/// Images with pixels to be painted in: of five the lower half is missing, of the next five every other pixel, by
/// chance.
Matrix<float> with_missing(const Dataset& images) {
  Matrix<float> pixels = images.matrix<float>();
  Random random(Seed{1}, Stream::corruption);
  for (Index i = 0; i < pixels.rows(); ++i)
    for (Index k = 0; k < pixels.cols(); ++k)
      if (i % 10 < 5 ? k >= pixels.cols() / 2 : random.uniform<float>() < 0.5f)
        pixels(i, k) = std::numeric_limits<float>::quiet_NaN();
  return pixels;
}

/// The mean squared difference where pixels are missing, of images that lack the lower half, and of the others.
std::array<double, 2> errors_of_missing(const Matrix<float>& painted, const Matrix<float>& truth,
                                        const Matrix<float>& holes) {
  std::array<double, 2> sums{}, counts{};
  for (Index i = 0; i < holes.rows(); ++i)
    for (Index k = 0; k < holes.cols(); ++k)
      if (std::isnan(holes(i, k))) {
        const std::size_t kind = i % 10 < 5 ? 0 : 1;
        const double difference = painted(i, k) - truth(i, k);
        sums[kind] += difference * difference;
        ++counts[kind];
      }
  return {sums[0] / counts[0], sums[1] / counts[1]};
}

void paint_in(const ImageGenerator& model, const Dataset& train, const Dataset& test, const Options& options,
              const Pictures& pictures) {
  const Dataset some = test.slice(0, std::min<Index>(1000, test.size()));
  const Dataset ten = test.slice(0, std::min<Index>(10, test.size()));
  const Matrix<float> truth = some.matrix<float>(), holes = with_missing(some), shown = with_missing(ten);
  const Eigen::RowVectorXf mean = train.matrix<float>().colwise().mean();
  const Eigen::RowVectorXd start = mean.cast<double>();
  const auto paint = [&](const Matrix<float>& images, bool draw, std::uint64_t seed) {
    return reconstruct_missing(
        model, images, {.start = start, .draw = draw, .seed = Seed{options.seed + seed}, .threads = options.threads});
  };
  pictures.write("painted.png", {ten, without_missing(shown, 0.5), paint(shown, false, 0), paint(shown, true, 100),
                                 paint(shown, true, 200)});
  const auto painted = errors_of_missing(paint(holes, false, 0), truth, holes);
  const auto average = errors_of_missing(mean.replicate(holes.rows(), 1), truth, holes);
  std::printf("| mean squared error of missing pixels | painted in | the mean image's |\n| --- | --- | --- |\n");
  for (const std::size_t kind : {0, 1})
    std::printf("| %-36s | %10.4f | %16.4f |\n", kind == 0 ? "the lower half" : "every other pixel, by chance",
                painted[kind], average[kind]);
}

/// Ten codes between one test image and the next: each pair on the line, and below it on the arc.
void interpolate(const ImageGenerator& model, const Dataset& test, const Pictures& pictures) {
  const Matrix<float> ends = model.encode(test.slice(0, std::min<Index>(6, test.size())), 1);
  Matrix<float> lines(10 * (ends.rows() - 1), code_size), arcs = lines;
  for (Index row = 0; row + 1 < ends.rows(); ++row) {
    lines.middleRows(10 * row, 10) = linear_path(ends.row(row), ends.row(row + 1), 10);
    arcs.middleRows(10 * row, 10) = spherical_path(ends.row(row), ends.row(row + 1), 10);
  }
  pictures.write("interpolations.png", {model.decode(lines, 1), model.decode(arcs, 1)});
}

/// The first test image with one unit of its code changed from -3 to 3, for the ten units whose means vary most.
void traverse(const ImageGenerator& model, const Dataset& test, const Pictures& pictures) {
  const Matrix<double> means = model.encode(test, 1).cast<double>();
  const Eigen::RowVectorXd variances = (means.rowwise() - means.colwise().mean()).array().square().colwise().mean();
  std::vector<Index> units(static_cast<std::size_t>(code_size));
  std::iota(units.begin(), units.end(), Index{0});
  std::ranges::sort(units, [&](Index a, Index b) { return variances[a] > variances[b]; });
  Matrix<float> codes(10 * 11, code_size);
  for (Index k = 0; k < 10; ++k)
    codes.middleRows(11 * k, 11) = unit_path(means.row(0), units[static_cast<std::size_t>(k)], -3, 3, 11).cast<float>();
  pictures.write("traversals.png", {model.decode(codes, 1)}, 11);
}

void run(const Options& options) {
  const LabelledImages images = read_mnist(options.data);
  if (images.train.empty() || images.test.empty() || images.train.features() != image_size)
    throw std::runtime_error(options.data.string() + ": has no training and test images of 28 x 28 pixels");
  const Dataset train_images = images.train.reshaped(Shape{image_size}), test = images.test.reshaped(Shape{image_size});
  const Pictures pictures(options.output);
  const Seed seed{options.seed};
  const FitOptions fit_options{
      .epochs = options.epochs, .batch_size = options.batch_size, .seed = seed, .threads = options.threads};

  std::cout << "a variational autoencoder\n" << std::flush;
  const ImageGenerator model(train_images, fit_options);
  std::cout << "a conditional one\n" << std::flush;
  const ConditionalImageGenerator conditional(train_images, fit_options);
  std::cout << "priors of the codes\n" << std::flush;
  const Matrix<double> codes = draw_codes(model, train_images, seed, options.threads);
  const StandardNormal standard{code_size};
  const FittedPrior mixture = mixture_prior(codes, options.components, seed);
  const FittedPrior second_stage = second_stage_prior(
      codes, {.epochs = options.epochs, .batch_size = options.batch_size, .seed = seed, .threads = options.threads});
  std::cout << "a classifier, to judge\n" << std::flush;
  // Not for so long that it knows the training images by heart.
  FitOptions few_epochs = fit_options;
  few_epochs.epochs = std::min(options.epochs, 10);
  const ImageJudge judge(train_images, few_epochs);

  const auto draw = [&](const auto& prior, Index n) {
    return generate(model, prior, n, Seed{options.seed + 1}, {}, options.threads);
  };
  pictures.write("samples_standard.png", {draw(standard, 100)});
  pictures.write("samples_mixture.png", {draw(mixture, 100)});
  pictures.write("samples_two_stage.png", {draw(second_stage, 100)});
  pictures.write(
      "classes.png",
      {class_grid(conditional, StandardNormal{small_code_size}.sample(10, Seed{options.seed + 2}), classes)});
  interpolate(model, test, pictures);
  traverse(model, test, pictures);
  paint_in(model, train_images, test, options, pictures);

  const auto distance = [&](const char* name, const Dataset& set) {
    std::printf("| %-38s | %8.3f |\n", name, judge.distance(set, options.threads));
  };
  std::printf("\n| %td images, beside the training images | Fréchet distance |\n| --- | --- |\n", test.size());
  distance("test images", test);
  distance("test images, reconstructed", model.reconstruct(test, options.threads));
  distance("samples, standard normal codes", draw(standard, test.size()));
  distance("samples, codes of a Gaussian mixture", draw(mixture, test.size()));
  distance("samples, codes of a second stage", draw(second_stage, test.size()));

  const Index each = std::max<Index>(1, test.size() / classes);
  std::vector<int> asked;
  for (int label = 0; label < classes; ++label) asked.insert(asked.end(), static_cast<std::size_t>(each), label);
  const Matrix<double> styles = StandardNormal{small_code_size}.sample(each, Seed{options.seed + 3});
  const Matrix<float> drawn = class_grid(conditional, styles, classes, options.threads);
  std::printf("\n| the classifier finds the right label of | |\n| --- | --- |\n");
  std::printf("| %-24s | %6.2f %% |\n", "test images",
              100 * accuracy(judge.predict(test, options.threads), test.labels()));
  std::printf("| %-24s | %6.2f %% |\n", "conditional samples",
              100 * accuracy(judge.predict(drawn, options.threads), asked));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Learns what images of 28 x 28 pixels look like, makes up new ones, and measures how good they are"};
  app.option_defaults()->always_capture_default();
  app.add_option("--data", options.data, "Directory of MNIST, or of images in its format: IDX files, gzipped or not");
  app.add_option("--epochs", options.epochs, "Times that each model is trained on all images")
      ->check(CLI::PositiveNumber);
  app.add_option("--batch-size", options.batch_size, "Images to a training step")->check(CLI::PositiveNumber);
  app.add_option("--components", options.components, "Normal distributions in the mixture")->check(CLI::PositiveNumber);
  app.add_option("--threads", options.threads, "Threads to train with; 0: all cores");
  app.add_option("--seed", options.seed, "Where all randomness comes from");
  app.add_option("--output", options.output, "Directory for the pictures");
  CLI11_PARSE(app, argc, argv);
  return guarded([&] { run(options); });
}
