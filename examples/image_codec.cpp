// Compresses images of 28 x 28 pixels by a model that it has learnt: lossy, or bit for bit.
//
//     image_codec train --output MODEL.safetensors
//     image_codec compress --model MODEL.safetensors --input IMAGES.idx --output FILE.egc
//     image_codec decompress --model MODEL.safetensors --input FILE.egc --output IMAGES.idx
//     image_codec evaluate --model MODEL.safetensors --output DIRECTORY

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <eigencoder/applications/codec_files.hpp>
#include <eigencoder/data/idx.hpp>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/io/png.hpp>
#include <eigencoder/io/write_idx.hpp>

#include "support/image_models.hpp"
#include "support/run.hpp"

namespace {

using namespace eigencoder;
using namespace examples;
using std::filesystem::path;

struct Options {
  path data = EXAMPLE_DATA_DIR, start, model, input, output;
  std::string kind = "lossy";
  double lambda = 120;
  Index code = narrow_code;
  int epochs = 30;
  int batch_size = 128;
  double learning_rate = 1.5e-3;
  int threads = 0;
  std::uint64_t seed = 1;
};

/// Images of 28 x 28 pixels, as the models take them.
Dataset flat(const Dataset& images, const path& from) {
  if (!images.empty() && images.features() != pixels)
    throw std::runtime_error(from.string() + ": has images of shape " + to_string(images.shape()) +
                             ", expected 28 x 28");
  return images.reshaped(Shape{pixels});
}

FitOptions fit_options(const Options& options, const Dataset& validation) {
  return {.epochs = options.epochs,
          .batch_size = options.batch_size,
          .validation = validation,
          .seed = Seed{options.seed},
          .threads = options.threads};
}

Adam optimizer(const Options& options, Index images) {
  const Index steps = options.epochs * ((images + options.batch_size - 1) / options.batch_size);
  return {.learning_rate = CosineDecay{.initial_learning_rate = options.learning_rate, .decay_steps = steps}};
}

/// The divergence counts from a tenth on, so that the code is not given up before the decoder knows what to do with it.
Beta warm_up(const Options& options, Index images) {
  return LinearWarmUp{.steps = std::max<Index>(1, 8 * images / options.batch_size), .from = 0.1};
}

template <Index Code>
void train_lossy(const Options& options, const Dataset& images, const Dataset& test) {
  LossyModel<Code> model = options.start.empty() ? LossyModel<Code>{Seed{options.seed}}
                                                 : load_codec<LossyCodec<Code>>(options.start).model();
  std::cout << summary(model) << "\n" << std::flush;
  fit(model, images, RateDistortion<>{.lambda = options.lambda}, optimizer(options, images.size()),
      fit_options(options, test));
  save(Codec(std::move(model), images, options.threads), options.output);
}

void train_grey(const Options& options, const Dataset& images, const Dataset& test) {
  GreyModel model{Seed{options.seed}};
  std::cout << summary(model) << "\n" << std::flush;
  const DiscretizedLogistic likelihood{.levels = GreyLevels(images)};
  fit(model, images,
      EvidenceLowerBound<DiscretizedLogistic>{.reconstruction = likelihood, .beta = warm_up(options, images.size())},
      optimizer(options, images.size()), fit_options(options, test));
  save(GreyCodec(std::move(model), likelihood), options.output);
}

/// Every epoch has its own black and white images of the grey ones, hence its own loop.
void train_binary(const Options& options, const Dataset& images, const Dataset&) {
  BinaryModel model{Seed{options.seed}};
  std::cout << summary(model) << "\n" << std::flush;
  Trainer trainer(model, EvidenceLowerBound<>{.beta = warm_up(options, images.size())},
                  optimizer(options, images.size()), Seed{options.seed}, options.threads);
  std::vector<Index> order(static_cast<std::size_t>(images.size()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto batch_size = static_cast<std::size_t>(options.batch_size);
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const Samples samples(binarized(images, Seed{options.seed + 1 + static_cast<std::uint64_t>(epoch)}));
    Random(Seed{options.seed}, Stream::shuffle, epoch).shuffle(order);
    double sum = 0;
    for (std::size_t first = 0; first < order.size(); first += batch_size) {
      const auto batch = std::span<const Index>(order).subspan(first, std::min(batch_size, order.size() - first));
      sum += trainer.step(samples, batch, epoch) * static_cast<double>(batch.size());
    }
    std::fprintf(stderr, "Epoch %d/%d: loss %.5f\n", epoch + 1, options.epochs,
                 sum / static_cast<double>(order.size()));
  }
  save(BinaryCodec(std::move(model), BinaryCrossentropy{}), options.output);
}

void train(const Options& options) {
  const LabelledImages images = read_mnist(options.data);
  const Dataset training = flat(images.train, options.data), test = flat(images.test, options.data);
  if (options.kind == "lossy")
    (options.code == wide_code ? train_lossy<wide_code> : train_lossy<narrow_code>)(options, training, test);
  if (options.kind == "grey") train_grey(options, training, test);
  if (options.kind == "binary") train_binary(options, training, test);
  std::cout << "writing " << options.output.string() << "\n";
}

void compress(const Options& options) {
  const Dataset images = read_idx(options.input);
  with_codec(options.model, [&](const auto& codec) {
    const std::vector<std::uint8_t> bytes = detail::naming_file(options.input, [&] { return codec.compress(images); });
    write_file(options.output, {std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
    std::cout << images.size() << " images, " << bytes.size() << " bytes\n";
  });
}

void decompress(const Options& options) {
  const std::string text = detail::read_text(options.input);
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  with_codec(options.model, [&](const auto& codec) {
    const Dataset images = detail::naming_file(options.input, [&] { return codec.decompress(bytes); });
    write_idx(options.output, images);
    std::cout << images.size() << " images\n";
  });
}

template <class Function>
double seconds(const Function& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void evaluate(const Options& options) {
  const Dataset grey = read_mnist(options.data).test;
  with_codec(options.model, [&]<class AnyCodec>(const AnyCodec& codec) {
    constexpr bool is_binary = std::is_same_v<AnyCodec, BinaryCodec>;
    const Dataset images = is_binary ? binarized(grey, Seed{options.seed}) : grey;
    std::vector<std::uint8_t> bytes;
    Dataset restored;
    const double compressing = seconds([&] { bytes = codec.compress(images); });
    const double decompressing = seconds([&] { restored = codec.decompress(bytes); });
    const double psnr = peak_signal_to_noise(images, restored);
    const auto values = static_cast<double>(images.size() * images.features());
    std::printf("%td images, %zu bytes, %.4f bits a pixel, ", images.size(), bytes.size(),
                8 * static_cast<double>(bytes.size()) / values);
    if (std::isinf(psnr)) {
      std::printf("equal bit for bit\n");
    } else {
      std::printf("%.2f dB\n", psnr);
    }
    std::printf("compressed at %.2f, decompressed at %.2f MB/s\n", values / compressing / 1e6,
                values / decompressing / 1e6);
    const path picture = options.output / "images.png";
    std::filesystem::create_directories(options.output);
    std::cout << "writing " << picture.string() << "\n";
    write_png_grid(picture, {first_images(images, 10), first_images(restored, 10)}, grey.shape());
  });
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Compresses images of 28 x 28 pixels by a model that it has learnt"};
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default();
  const auto command = [&](const char* name, const char* description, void (*action)(const Options&)) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->callback([&options, action] {
      if (const int status = guarded([&] { action(options); }); status != 0) std::exit(status);
    });
    sub->option_defaults()->always_capture_default();
    return sub;
  };
  const char* const data = "Directory of MNIST, or of images in its format: IDX files, gzipped or not";

  CLI::App* sub = command("train", "Learns to compress images like those given, and writes the model", train);
  sub->add_option("--data", options.data, data);
  sub->add_option("--output", options.output, "The model's file")->required();
  sub->add_option("--kind", options.kind, "What the model is for: lossy; grey, black and white pixels bit for bit")
      ->check(CLI::IsMember({"lossy", "grey", "binary"}));
  sub->add_option("--lambda", options.lambda, "Lossy: bits that a unit less of squared error may cost");
  sub->add_option("--code", options.code, "Lossy: whole numbers that an image becomes; 192 for lambdas above 1000")
      ->check(CLI::IsMember({narrow_code, wide_code}));
  sub->add_option("--start", options.start, "Lossy: a model to go on from, such as one of another lambda");
  sub->add_option("--epochs", options.epochs, "Times that all images are trained on")->check(CLI::PositiveNumber);
  sub->add_option("--batch-size", options.batch_size, "Images to a training step")->check(CLI::PositiveNumber);
  sub->add_option("--learning-rate", options.learning_rate, "Adam's first step size; it falls to 0 along a cosine");
  sub->add_option("--threads", options.threads, "Threads to train with; 0: all cores");
  sub->add_option("--seed", options.seed, "Where all randomness comes from");

  sub = command("compress", "Writes images as a compressed file", compress);
  sub->add_option("--model", options.model, "A file that train wrote")->required();
  sub->add_option("--input", options.input, "Images, an IDX file, gzipped or not")->required();
  sub->add_option("--output", options.output, "The compressed file")->required();

  sub = command("decompress", "Writes the images of a compressed file", decompress);
  sub->add_option("--model", options.model, "The model that the file was compressed with")->required();
  sub->add_option("--input", options.input, "The compressed file")->required();
  sub->add_option("--output", options.output, "Images, an IDX file")->required();

  sub = command("evaluate", "Compresses the test images, tells their size, and leaves a picture", evaluate);
  sub->add_option("--model", options.model, "A file that train wrote")->required();
  sub->add_option("--data", options.data, data);
  sub->add_option("--output", options.output, "Directory for images.png: test images over what is restored")
      ->required();
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
