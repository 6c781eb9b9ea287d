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

#include "support/command.hpp"
#include "support/image_models.hpp"
#include "support/run.hpp"

namespace {

using namespace eigencoder;
using namespace examples;
using std::filesystem::path;

struct Options {
  examples::Arguments training{.data = EXAMPLE_DATA_DIR, .epochs = 30, .batch_size = 128};
  std::string kind = "lossy";
  path start, model, input, output;
  double lambda = 120;
  Index code = narrow_code;
  double learning_rate = 1.5e-3;
};

/// Images of 28 x 28 pixels, as the models take them.
Dataset flat(const Dataset& images, const path& from) {
  if (!images.empty() && images.features() != pixels)
    throw std::runtime_error(from.string() + ": has images of shape " + to_string(images.shape()) +
                             ", expected 28 x 28");
  return images.reshaped(Shape{pixels});
}

Adam optimizer(const Options& options, Index images) {
  const examples::Arguments& training = options.training;
  const Index steps = training.epochs * ((images + training.batch_size - 1) / training.batch_size);
  return {.learning_rate = CosineDecay{.initial_learning_rate = options.learning_rate, .decay_steps = steps}};
}

/// The divergence counts from a tenth on, so that the code is not given up before the decoder knows what to do with it.
Beta warm_up(const Options& options, Index images) {
  return LinearWarmUp{.steps = std::max<Index>(1, 8 * images / options.training.batch_size), .from = 0.1};
}

/// `fit`, with the checkpoint that the options ask for.
template <class Model, class Loss>
History train(Model& model, const Dataset& images, const Loss& loss, const Options& options, FitOptions fit_options) {
  std::cout << summary(model) << "\n" << std::flush;
  const Checkpointing checkpointing(options.training, fit_options);
  History history = fit(model, images, loss, optimizer(options, images.size()), fit_options);
  checkpointing.finish();
  return history;
}

template <class AnyCodec>
void write(const AnyCodec& codec, const Options& options) {
  std::cout << "writing " << options.output.string() << "\n";
  save(codec, options.output);
}

template <Index Code>
void train_lossy(const Options& options, const Dataset& images, const Dataset& test) {
  LossyModel<Code> model = options.start.empty() ? LossyModel<Code>{Seed{options.training.seed}}
                                                 : load_codec<LossyCodec<Code>>(options.start).model();
  const History history =
      train(model, images, RateDistortion<>{.lambda = options.lambda}, options, fit_options(options.training, test));
  write(Codec(model, images, options.training.threads), options);
  write_report(options.training, "Lossy codec", subject(model), history, test.reshaped(Shape{28, 28, 1}));
  print_hash(model);
}

void train_grey(const Options& options, const Dataset& images, const Dataset& test) {
  GreyModel model{Seed{options.training.seed}};
  const DiscretizedLogistic likelihood{.levels = GreyLevels(images)};
  const History history = train(
      model, images,
      EvidenceLowerBound<DiscretizedLogistic>{.reconstruction = likelihood, .beta = warm_up(options, images.size())},
      options, fit_options(options.training, test));
  write(GreyCodec(model, likelihood), options);
  // What the decoder gives is no image but a distribution of images: only the training can be looked at.
  write_report(options.training, "Lossless codec of grey levels", GreyModel::layers(), history, test);
  print_hash(model);
}

/// Every epoch has its own black and white images of the grey ones.
void train_binary(const Options& options, const Dataset& images, const Dataset& test) {
  BinaryModel model{Seed{options.training.seed}};
  FitOptions fit_options = examples::fit_options(options.training, test);
  fit_options.augmentation = RandomBinarization{};
  const History history =
      train(model, images, EvidenceLowerBound<>{.beta = warm_up(options, images.size())}, options, fit_options);
  write(BinaryCodec(model, BinaryCrossentropy{}), options);
  write_report(options.training, "Lossless codec of black and white images", subject(model), history,
               binarized(test.reshaped(Shape{28, 28, 1}), Seed{1}));
  print_hash(model);
}

void train(const Options& given) {
  Options options = given;
  const path& data = options.training.data;
  const std::string& kind = options.kind;
  const LabelledImages images = load_images(data);
  const Dataset training = flat(images.train, data), test = flat(images.test, data);
  options.training.loss = kind == "lossy" ? "rate and distortion" : "evidence lower bound";
  if (kind == "lossy")
    (options.code == wide_code ? train_lossy<wide_code> : train_lossy<narrow_code>)(options, training, test);
  if (kind == "grey") train_grey(options, training, test);
  if (kind == "binary") train_binary(options, training, test);
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
  const Dataset grey = load_images(options.training.data).test;
  with_codec(options.model, [&]<class AnyCodec>(const AnyCodec& codec) {
    constexpr bool is_binary = std::is_same_v<AnyCodec, BinaryCodec>;
    const Dataset images = is_binary ? binarized(grey, Seed{options.training.seed}) : grey;
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
  const char* const data = "Directory of MNIST, or of images in its format: IDX files, gzipped or not";

  CLI::App* sub =
      add_command(app, options, "train", "Learns to compress images like those given, and writes the model", train);
  sub->add_option("--data", options.training.data, data);
  sub->add_option("--output", options.output, "The model's file")->required();
  sub->add_option("--kind", options.kind, "What the model is for: lossy; grey, black and white pixels bit for bit")
      ->check(CLI::IsMember({"lossy", "grey", "binary"}));
  sub->add_option("--lambda", options.lambda, "Lossy: bits that a unit less of squared error may cost");
  sub->add_option("--code", options.code, "Lossy: whole numbers that an image becomes; 192 for lambdas above 1000")
      ->check(CLI::IsMember({narrow_code, wide_code}));
  sub->add_option("--start", options.start, "Lossy: a model to go on from, such as one of another lambda");
  sub->add_option("--epochs", options.training.epochs, "Times that all images are trained on")
      ->check(CLI::PositiveNumber);
  sub->add_option("--batch-size", options.training.batch_size, "Images to a training step")->check(CLI::PositiveNumber);
  sub->add_option("--learning-rate", options.learning_rate, "Adam's first step size; it falls to 0 along a cosine");
  sub->add_option("--threads", options.training.threads, "Threads to train with; 0: all cores");
  sub->add_option("--seed", options.training.seed, "Where all randomness comes from");
  add_run_options(*sub, options.training, "in the working directory");

  sub = add_command(app, options, "compress", "Writes images as a compressed file", compress);
  sub->add_option("--model", options.model, "A file that train wrote")->required();
  sub->add_option("--input", options.input, "Images, an IDX file, gzipped or not")->required();
  sub->add_option("--output", options.output, "The compressed file")->required();

  sub = add_command(app, options, "decompress", "Writes the images of a compressed file", decompress);
  sub->add_option("--model", options.model, "The model that the file was compressed with")->required();
  sub->add_option("--input", options.input, "The compressed file")->required();
  sub->add_option("--output", options.output, "Images, an IDX file")->required();

  sub = add_command(app, options, "evaluate", "Compresses the test images, tells their size, and leaves a picture",
                    evaluate);
  sub->add_option("--model", options.model, "A file that train wrote")->required();
  sub->add_option("--data", options.training.data, data);
  sub->add_option("--output", options.output, "Directory for images.png: test images over what is restored")
      ->required();
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
