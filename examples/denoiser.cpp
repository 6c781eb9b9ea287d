// Takes noise off pictures by a network that has learnt what noise looks like.
//
//     denoiser train --data FOLDER --output MODEL.safetensors
//     denoiser corrupt --input CLEAN.png --output NOISY.png --level 25
//     denoiser apply --model MODEL.safetensors --input NOISY.png --output DENOISED.png

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <eigencoder/applications/denoiser.hpp>
#include <eigencoder/data/png.hpp>
#include <eigencoder/io/metadata.hpp>
#include <eigencoder/io/png.hpp>
#include <limits>
#include <map>

#include "support/command.hpp"
#include "support/run.hpp"

namespace {

using namespace eigencoder;
using namespace examples;
using std::filesystem::path;
using Network = DenoisingNetwork<>;

/// A noise that can be chosen, in the units of its levels, and the levels that are learnt by default.
struct Kind {
  Corruption (*noise)(double level);
  double from, to;
};

const std::map<std::string, Kind> kinds{
    {"gaussian",
     {[](double grey_levels) -> Corruption { return GaussianNoise{.stddev = grey_levels / 255, .clip = true}; }, 0,
      55}},
    {"salt-and-pepper", {[](double p) -> Corruption { return SaltAndPepper{.p = p}; }, 0, 0.5}},
    {"masking", {[](double p) -> Corruption { return MaskingNoise{.p = p}; }, 0, 0.5}},
    {"poisson", {[](double peak) -> Corruption { return PoissonNoise{.peak = peak, .clip = true}; }, 10, 255}},
};

struct Options {
  examples::Arguments training{.data = path(EXAMPLE_DATA_DIR) / "photographs",
                               .epochs = 8,
                               .batch_size = 32,
                               .loss = "mse",
                               .learning_rate = 2e-3};
  std::string kind = "gaussian";
  double from = std::numeric_limits<double>::quiet_NaN(), to = from, level = 25;
  Index patches = 8192;
  int apply_threads = 0;
  path second, model, input, output, clean, picture;

  [[nodiscard]] Kind noise() const {
    Kind kind_ = kinds.at(kind);
    if (!std::isnan(from)) kind_.from = from;
    if (!std::isnan(to)) kind_.to = to;
    return kind_;
  }
};

std::vector<Image> read_pngs(const path& folder) {
  std::error_code error;
  std::vector<path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".png") paths.push_back(entry.path());
  if (error) throw std::runtime_error(folder.string() + ": " + error.message());
  if (paths.empty()) throw std::runtime_error(folder.string() + ": has no file that ends in .png");
  std::ranges::sort(paths);
  std::vector<Image> images;
  for (const path& file : paths) images.push_back(read_png(file));
  return images;
}

void write(const path& file, const Image& image) {
  Canvas canvas(static_cast<int>(image.shape.width), static_cast<int>(image.shape.height), {});
  const Image colors = with_channels(image, 3);
  for (Index k = 0; k < image.shape.height * image.shape.width; ++k) {
    const std::uint8_t* p = &colors.bytes[static_cast<std::size_t>(3 * k)];
    canvas.blend(static_cast<int>(k % image.shape.width), static_cast<int>(k / image.shape.width), {p[0], p[1], p[2]});
  }
  std::cout << "writing " << file.string() << "\n";
  write_png(file, canvas);
}

/// 10 log10(255^2 / mean (x - y)^2), in dB.
double peak_signal_to_noise(const Image& a, const Image& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.bytes.size(); ++k) sum += std::pow(a.bytes[k] - b.bytes[k], 2);
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.bytes.size()) / sum);
}

/// Images of the same height, from left to right.
Image side_by_side(const std::vector<Image>& images) {
  Shape shape = images.front().shape;
  shape.width *= std::ssize(images);
  Image all{shape, {}};
  for (Index row = 0; row < shape.height; ++row)
    for (const Image& image : images) {
      const auto first = image.bytes.begin() + row * image.shape.width * image.shape.channels;
      all.bytes.insert(all.bytes.end(), first, first + image.shape.width * image.shape.channels);
    }
  return all;
}

/// The patches to train on, and others of the same images to validate with.
std::pair<NoisyPatches, NoisyPatches> read_patches(const Options& options) {
  const std::vector<Image> images = read_pngs(options.training.data);
  const Seed seed{options.training.seed}, other{options.training.seed + 1};
  constexpr Index validated = 128;
  if (!options.second.empty()) {
    const std::vector<Image> second = read_pngs(options.second);
    return {paired_patches<Network>(images, second, options.patches, seed),
            paired_patches<Network>(images, second, validated, other)};
  }
  const Kind kind = options.noise();
  const RandomLevel noise{.noise = kind.noise, .from = kind.from, .to = kind.to};
  return {noisy_patches<Network>(images, noise, options.patches, seed),
          noisy_patches<Network>(images, noise, validated, other)};
}

std::string description(const Options& options) {
  if (!options.second.empty()) return "that of pairs of pictures";
  std::ostringstream text;
  text << options.kind << ", levels " << options.noise().from << " to " << options.noise().to;
  return text.str();
}

void train(const Options& options) {
  const examples::Arguments& training = options.training;
  const auto [patches, validation] = read_patches(options);
  Network model{Seed{training.seed}};
  std::cout << summary(model) << "noise: " << description(options) << "\n" << std::flush;
  FitOptions fit_options = examples::fit_options(training, validation.input);
  fit_options.validation_targets = validation.target;
  fit_options.targets = patches.target;
  const Index steps = training.epochs * ((options.patches + training.batch_size - 1) / training.batch_size);
  const Checkpointing checkpointing(training, fit_options);
  const History history =
      fit(model, patches.input, MeanSquaredError{},
          Adam{.learning_rate = CosineDecay{.initial_learning_rate = *training.learning_rate, .decay_steps = steps}},
          fit_options);
  checkpointing.finish();
  std::cout << "writing " << options.output.string() << "\n";
  save(model, options.output, {.metadata = {{"noise", description(options)}}});
  write_report(training, "Denoiser: " + description(options), Network::layers(), history, validation.input);
  print_hash(model);
}

void corrupt(const Options& options) {
  Image image = read_png(options.input);
  std::vector<float> values;
  for (const std::uint8_t byte : image.bytes) values.push_back(static_cast<float>(byte) / 255);
  kinds.at(options.kind).noise(options.level).apply(values, 0, 0, Philox(Seed{options.training.seed}));
  std::ranges::transform(values, image.bytes.begin(), eigencoder::detail::to_byte);
  write(options.output, image);
}

void apply(const Options& options) {
  Network model;
  load(model, options.model);
  const Denoiser denoiser(std::move(model));
  const Image noisy = read_png(options.input);
  const auto start = std::chrono::steady_clock::now();
  const Image denoised = denoiser.denoise(noisy, options.apply_threads);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write(options.output, denoised);
  std::printf("%td x %td pixels in %.3f s\n", noisy.shape.width, noisy.shape.height, seconds);
  std::vector<Image> shown{noisy, denoised};
  if (!options.clean.empty()) {
    const Image clean = with_channels(read_png(options.clean), noisy.shape.channels);
    if (clean.shape != noisy.shape)
      throw std::runtime_error(options.clean.string() + ": has not the size of " + options.input.string());
    std::printf("PSNR %.2f dB, denoised %.2f dB\n", peak_signal_to_noise(clean, noisy),
                peak_signal_to_noise(clean, denoised));
    shown.push_back(clean);
  }
  std::fflush(stdout);
  if (!options.picture.empty()) write(options.picture, side_by_side(shown));
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Takes noise off pictures by a network that has learnt what noise looks like"};
  app.require_subcommand(1);
  const auto add_kind = [&](CLI::App* sub) {
    sub->add_option("--noise", options.kind, "gaussian, salt-and-pepper, masking or poisson")
        ->check(CLI::IsMember({"gaussian", "salt-and-pepper", "masking", "poisson"}));
  };
  const char* const levels =
      "gaussian: standard deviation in grey levels of 255; salt-and-pepper, masking: share of the pixels; poisson: "
      "photons where it is white";

  CLI::App* sub = add_command(app, options, "train",
                              "Learns to take noise off pictures like those given, and writes the model", train);
  sub->add_option("--data", options.training.data, "Folder of clean pictures, PNG, of at least 64 x 64 pixels");
  sub->add_option("--second", options.second,
                  "Folder of second shots of the same, by name in the same order: then nothing need be clean, and no "
                  "noise is added");
  sub->add_option("--output", options.output, "The model's file")->required();
  add_kind(sub);
  sub->add_option("--from", options.from, std::string("Least level: ") + levels)->default_str("0, poisson 10");
  sub->add_option("--to", options.to, "Highest level: as --from")->default_str("55, 0.5, 0.5, poisson 255");
  sub->add_option("--patches", options.patches, "Noisy patches to an epoch")->check(CLI::PositiveNumber);
  sub->add_option("--epochs", options.training.epochs, "Times that all patches are trained on")
      ->check(CLI::PositiveNumber);
  sub->add_option("--batch-size", options.training.batch_size, "Patches to a training step")
      ->check(CLI::PositiveNumber);
  sub->add_option("--learning-rate", options.training.learning_rate,
                  "Adam's first step size; it falls to 0 along a cosine")
      ->default_str("0.002");
  sub->add_option("--threads", options.training.threads, "Threads to train with; 0: all cores");
  sub->add_option("--seed", options.training.seed, "Where all randomness comes from");
  add_run_options(*sub, options.training, "in the working directory");

  sub = add_command(app, options, "corrupt", "Adds noise to a picture", corrupt);
  sub->add_option("--input", options.input, "A PNG file")->required();
  sub->add_option("--output", options.output, "A PNG file")->required();
  add_kind(sub);
  sub->add_option("--level", options.level, levels);
  sub->add_option("--seed", options.training.seed, "Where all randomness comes from");

  sub = add_command(app, options, "apply", "Takes noise off a picture", apply);
  sub->add_option("--model", options.model, "A file that train wrote")->required();
  sub->add_option("--input", options.input, "A PNG file of any size, grey or in colours")->required();
  sub->add_option("--output", options.output, "A PNG file")->required();
  sub->add_option("--clean", options.clean, "What it should become, to be compared with");
  sub->add_option("--picture", options.picture, "PNG file for the noisy, the denoised and the clean picture");
  sub->add_option("--threads", options.apply_threads, "0: all cores");
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
