// What the image codec and its rivals need for the same test images: see benchmarks/codec/compare.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <eigencoder/applications/codec_files.hpp>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/io/png.hpp>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <optional>

#include "../../examples/support/image_models.hpp"
#include "rivals.hpp"

// After the library, which silences what g++ 12 says of Eigen's AVX-512 (core/eigen.hpp).
#include <Eigen/Eigenvalues>

namespace {

using namespace eigencoder;
using namespace examples;
using rivals::Bytes;
using rivals::Picture;

constexpr int side = 28;
constexpr int columns = 100;

/// Seconds that f() takes.
template <class Function>
double seconds(const Function& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<Picture> pictures(const Dataset& images) {
  std::vector<Picture> all;
  std::vector<float> values(static_cast<std::size_t>(images.features()));
  images.visit([&](const auto& read) {
    for (Index sample = 0; sample < images.size(); ++sample) {
      read(sample, 0, images.features(), values.data());
      Picture one{side, side, Bytes(values.size())};
      std::transform(values.begin(), values.end(), one.pixels.begin(), eigencoder::detail::to_byte);
      all.push_back(std::move(one));
    }
  });
  return all;
}

/// Calls f(pixel of the sheet, pixel of the image) for every pixel of every image, 100 images side by side.
template <class Sheet, class Images, class Function>
void for_each_pixel(Sheet& sheet, Images& images, const Function& f) {
  for (std::size_t n = 0; n < images.size(); ++n)
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const std::size_t row = n / columns * side + static_cast<std::size_t>(y);
        const std::size_t column = n % columns * side + static_cast<std::size_t>(x);
        f(sheet.pixels[row * columns * side + column], images[n].pixels[static_cast<std::size_t>(y * side + x)]);
      }
}

Picture sheet_of(const std::vector<Picture>& images) {
  const auto rows = static_cast<int>((images.size() + columns - 1) / columns);
  Picture sheet{columns * side, rows * side, {}};
  sheet.pixels.resize(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height));
  for_each_pixel(sheet, images, [](std::uint8_t& to, std::uint8_t from) { to = from; });
  return sheet;
}

std::vector<Picture> images_of(const Picture& sheet, std::size_t count) {
  std::vector<Picture> images(count, Picture{side, side, Bytes(side * side)});
  for_each_pixel(sheet, images, [](std::uint8_t from, std::uint8_t& to) { to = from; });
  return images;
}

Dataset dataset(const std::vector<Picture>& images) {
  Bytes bytes;
  for (const Picture& image : images) bytes.insert(bytes.end(), image.pixels.begin(), image.pixels.end());
  return Dataset::from_bytes(std::move(bytes), Shape{side, side, 1});
}

/// One line of the table; bits are those of files. Speeds are of the sheet, or of all images in one file.
struct Line {
  std::string name, setting;
  double single = 0, sheet = 0, psnr = 0, single_psnr = 0, encode = 0, decode = 0;
  Dataset restored{};
};

std::string decibels(double psnr) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", psnr);
  return std::isinf(psnr) ? "exact" : text;
}

void print(const Line& line) {
  std::printf("| %s | %s | ", line.name.c_str(), line.setting.c_str());
  if (line.single > 0) {
    std::printf("%.3f | %s | ", line.single, decibels(line.single_psnr).c_str());
  } else {
    std::printf("| | ");
  }
  std::printf("%.4f | %s | ", line.sheet, decibels(line.psnr).c_str());
  if (line.encode > 0) std::printf("%.3g / %.3g", line.encode, line.decode);
  std::printf(" |\n");
  std::fflush(stdout);
}

/// A rival on the images one by one and on their sheet.
Line rival(const std::string& name, const std::string& setting, const Dataset& test,
           const std::function<Bytes(const Picture&)>& encode, const std::function<Picture(const Bytes&)>& decode) {
  const std::vector<Picture> images = pictures(test);
  const Picture sheet = sheet_of(images);
  const auto values = static_cast<double>(test.size() * test.features());
  Line line{.name = name, .setting = setting};
  std::vector<Picture> restored;
  std::size_t bytes = 0;
  for (const Picture& image : images) {
    const Bytes file = encode(image);
    bytes += file.size();
    restored.push_back(decode(file));
  }
  line.single = 8 * static_cast<double>(bytes) / values;
  line.single_psnr = peak_signal_to_noise(test, dataset(restored));
  Bytes file;
  Picture back;
  line.encode = values / 1e6 / seconds([&] { file = encode(sheet); });
  line.decode = values / 1e6 / seconds([&] { back = decode(file); });
  line.sheet = 8 * static_cast<double>(file.size()) / values;
  line.restored = dataset(images_of(back, images.size()));
  line.psnr = peak_signal_to_noise(test, line.restored);
  return line;
}

/// One of our codecs, on the images one by one and all in one file, on one thread.
template <class AnyCodec>
Line own(const std::string& name, const std::string& setting, const Dataset& test, const AnyCodec& codec) {
  const auto values = static_cast<double>(test.size() * test.features());
  Line line{.name = name, .setting = setting};
  Bytes file;
  line.encode = values / 1e6 / seconds([&] { file = codec.compress(test); });
  line.decode = values / 1e6 / seconds([&] { line.restored = codec.decompress(file); });
  line.sheet = 8 * static_cast<double>(file.size()) / values;
  line.psnr = line.single_psnr = peak_signal_to_noise(test, line.restored);
  std::size_t bytes = 0;
  for (Index sample = 0; sample < test.size(); ++sample) {
    if constexpr (requires { codec.tables(); }) {
      // The encoder runs on all images at once, the rest as on one.
      static std::vector<std::int32_t> codes;
      if (sample == 0) codes = codec.encode(test);
      constexpr Index n = AnyCodec::code.size();
      const auto code = std::span(codes).subspan(static_cast<std::size_t>(sample * n), static_cast<std::size_t>(n));
      bytes += CodeFile{AnyCodec::kind, 0, 1, test.shape(), codec.pack(code)}.bytes().size();
    } else {
      bytes += codec.compress(test.slice(sample, 1)).size();
    }
  }
  line.single = 8 * static_cast<double>(bytes) / values;
  return line;
}

/// Principal components of the training images; a test image's coefficients are rounded to multiples of a step, and
/// take the entropy that each of them has among the test images themselves: less than any coder could do.
class PrincipalComponents {
 public:
  PrincipalComponents(const Dataset& train, const Dataset& test) : test_(test) {
    const Matrix<double> x = train.matrix<double>();
    mean_ = x.colwise().mean();
    const Eigen::MatrixXd centred = x.rowwise() - mean_;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(centred.transpose() * centred /
                                                                static_cast<double>(x.rows()));
    directions_ = solver.eigenvectors();
    coefficients_ = (test.matrix<double>().rowwise() - mean_) * directions_;
  }

  [[nodiscard]] Line at(double step) const {
    const Eigen::MatrixXd rounded = (coefficients_ / step).array().round();
    double bits = 0;
    for (Index c = 0; c < rounded.cols(); ++c) {
      std::map<double, double> counts;
      for (const double q : rounded.col(c)) ++counts[q];
      for (const auto& [q, n] : counts) bits -= n * std::log2(n / static_cast<double>(rounded.rows()));
    }
    const Matrix<float> restored =
        ((rounded * step * directions_.transpose()).rowwise() + mean_).cwiseMax(0).cwiseMin(1).cast<float>();
    char setting[32];
    std::snprintf(setting, sizeof setting, "step %.3g", step);
    Line line{.name = "PCA, ideal entropy", .setting = setting};
    line.sheet = bits / static_cast<double>(rounded.size());
    line.psnr = peak_signal_to_noise(test_, Dataset(restored));
    return line;
  }

 private:
  Dataset test_;
  Eigen::RowVectorXd mean_;
  Eigen::MatrixXd directions_, coefficients_;
};

/// Points (bits a pixel, dB) joined by a line.
struct Curve {
  std::string name;
  Color color;
  std::vector<std::pair<double, double>> points;
};

void draw(const std::filesystem::path& path, const std::vector<Curve>& curves) {
  constexpr Color ink{60, 64, 72}, grid{226, 229, 234};
  constexpr double most_bits = 1.2, least = 18, most = 32;  // of the plot
  constexpr int left = 90, right = 930, top = 50, bottom = 520;
  Canvas canvas(960, 600, {255, 255, 255});
  const auto x_of = [&](double bits) { return left + bits / most_bits * (right - left); };
  const auto y_of = [&](double db) { return bottom - (db - least) / (most - least) * (bottom - top); };
  const auto label = [&](double x, double y, const std::string& text) {
    canvas.text(static_cast<int>(x) - font::text_width(text, 2) / 2, static_cast<int>(y), text, 2, ink);
  };
  for (int db = 18; db <= 32; db += 2) {
    canvas.fill(left, static_cast<int>(y_of(db)), right - left, 1, grid);
    label(left - 30, y_of(db) - 8, std::to_string(db));
  }
  for (int tenth = 0; tenth <= 12; tenth += 2) {
    canvas.fill(static_cast<int>(x_of(tenth / 10.0)), top, 1, bottom - top, grid);
    label(x_of(tenth / 10.0), bottom + 12, std::to_string(tenth / 10) + "." + std::to_string(tenth % 10));
  }
  canvas.fill(left, bottom, right - left + 1, 1, ink);
  canvas.fill(left, top, 1, bottom - top + 1, ink);
  label((left + right) / 2.0, bottom + 44, "bits a pixel");
  label(left - 20, top - 40, "PSNR, dB");
  int shown = 0;
  for (const Curve& curve : curves) {
    const auto inside = [&](std::size_t k) {
      const auto [bits, db] = curve.points[k];
      return bits <= most_bits && db >= least && db <= most;
    };
    for (std::size_t k = 0; k < curve.points.size(); ++k) {
      if (!inside(k)) continue;
      const double x = x_of(curve.points[k].first), y = y_of(curve.points[k].second);
      canvas.line(x, y, x, y, 9, curve.color);
      if (k > 0 && inside(k - 1))
        canvas.line(x_of(curve.points[k - 1].first), y_of(curve.points[k - 1].second), x, y, 3, curve.color);
    }
    const int y = bottom - 120 + 26 * shown++;
    canvas.line(right - 270, y + 7, right - 240, y + 7, 3, curve.color);
    canvas.text(right - 225, y, curve.name, 2, ink);
  }
  write_png(path, canvas);
}

/// Ten images over what is left of them at about the same size: by JPEG, then by us.
void draw_strip(const std::filesystem::path& path, const Dataset& test, const std::vector<Line>& jpegs,
                const Line& line) {
  const auto nearest =
      std::ranges::min_element(jpegs, {}, [&](const Line& other) { return std::abs(other.sheet - line.sheet); });
  std::printf("%s: originals, JPEG %s at %.3f bits a pixel, %s at %.3f\n", path.filename().c_str(),
              nearest->setting.c_str(), nearest->sheet, line.setting.c_str(), line.sheet);
  write_png_grid(path, {test.slice(0, 10), nearest->restored.slice(0, 10), line.restored.slice(0, 10)},
                 Shape{side, side, 1});
}

/// Prints the nanoseconds that an entropy coder takes for a symbol, there and back: the least of some rounds.
template <class There, class Back>
void time_symbols(const std::string& name, double symbols, const There& there, const Back& back) {
  double encode = std::numeric_limits<double>::infinity(), decode = encode;
  for (int round = 0; round < 20; ++round) {
    encode = std::min(encode, 1e9 * seconds(there) / symbols);
    decode = std::min(decode, 1e9 * seconds(back) / symbols);
  }
  std::printf("entropy coder, %s: %.1f ns a symbol to code, %.1f ns to decode\n", name.c_str(), encode, decode);
}

/// Of a lossy codec, without its networks.
template <class AnyCodec>
void time_codes(const std::string& name, const AnyCodec& codec, const Dataset& test) {
  const std::vector<std::int32_t> codes = codec.encode(test);
  Bytes packed;
  std::vector<std::int32_t> back;
  time_symbols(
      name, static_cast<double>(codes.size()), [&] { packed = codec.pack(codes); },
      [&] { back = codec.unpack(packed, test.size()); });
  if (back != codes) throw std::runtime_error("the codes do not come back");
}

/// Of a lossless codec: the pixels of some images, with what the decoder makes of these images' mean codes.
template <class Decoder, class AnyCodec>
void time_pixels(const std::string& name, const AnyCodec& codec, const Dataset& test) {
  using Coder = eigencoder::detail::PixelCoder<typename AnyCodec::Likelihood>;
  const Coder coder(codec.likelihood());
  const std::vector<Picture> images = pictures(test.slice(0, std::min<Index>(500, test.size())));
  const Matrix<float> means = codec.model().encode(test.slice(0, static_cast<Index>(images.size())));
  const std::span<const float> parameters = codec.model().parameters();
  IntegerNetwork decoder;
  decoder.add(typename Decoder::Bound{}, parameters.last([]<class... Layers>(network::List<Layers...>) {
    return static_cast<std::size_t>((Index{0} + ... + parameter_count<Layers>));
  }(typename Decoder::Bound{})));
  std::vector<IntegerNetwork::Values> outputs;
  for (Index image = 0; image < means.rows(); ++image) {
    IntegerNetwork::Values z;
    for (const float v : means.row(image)) z.push_back(std::lround(v * fixed_point::unit));
    outputs.push_back(decoder(z));
  }
  Rans stack(4);
  std::size_t wrong = 0;
  time_symbols(
      name, static_cast<double>(images.size() * pixels),
      [&] {
        for (std::size_t n = 0; n < images.size(); ++n)
          for (std::size_t k = pixels; k-- > 0;)
            coder.distribution(outputs[n], k).push(stack, Coder::symbol(images[n].pixels[k], 0));
      },
      [&] {
        for (std::size_t n = images.size(); n-- > 0;)
          for (std::size_t k = 0; k < pixels; ++k)
            wrong += Coder::pixel(coder.distribution(outputs[n], k).pop(stack)) != images[n].pixels[k];
      });
  if (wrong > 0) throw std::runtime_error("the pixels do not come back");
}

/// A lossy model and what it was trained with.
struct LossyFile {
  std::string lambda;
  std::filesystem::path model;
};

void run(const std::filesystem::path& data, const std::vector<LossyFile>& lossy, const std::filesystem::path& grey,
         const std::filesystem::path& binary, const std::filesystem::path& output) {
  const LabelledImages images = read_mnist(data);
  const Dataset& test = images.test;
  std::filesystem::create_directories(output);
  std::printf(
      "| codec | setting | one file an image, bits/pixel | dB | all in one file, bits/pixel | dB | MB/s, encode / "
      "decode |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n");

  std::vector<Line> ours, jpegs, webps, components;
  for (const LossyFile& file : lossy) {
    with_codec(file.model,
               [&](const auto& codec) { ours.push_back(own("Eigencoder", "lambda " + file.lambda, test, codec)); });
    print(ours.back());
  }
  for (const int quality : {1, 3, 5, 8, 10, 12, 20, 30, 50}) {
    jpegs.push_back(rival(
        "JPEG", "quality " + std::to_string(quality), test, [&](const Picture& p) { return rivals::jpeg(p, quality); },
        rivals::from_jpeg));
    print(jpegs.back());
  }
  for (const float quality : {0.0F, 3.0F, 5.0F, 10.0F, 30.0F}) {
    webps.push_back(rival(
        "WebP", "quality " + std::to_string(static_cast<int>(quality)), test,
        [&](const Picture& p) { return rivals::webp(p, quality, false); }, rivals::from_webp));
    print(webps.back());
  }
  const PrincipalComponents pca(images.train, test);
  for (const double step : {1.0, 0.8, 0.7, 0.6, 0.5, 0.4, 0.33, 0.28, 0.24, 0.2, 0.17, 0.15}) {
    components.push_back(pca.at(step));
    print(components.back());
  }
  print(rival("PNG", "", test, rivals::png, rivals::from_png));
  print(
      rival("WebP", "lossless", test, [](const Picture& p) { return rivals::webp(p, 100, true); }, rivals::from_webp));
  if (!grey.empty()) print(own("Eigencoder", "grey", test, load_codec<GreyCodec>(grey)));
  if (!binary.empty()) {
    const Dataset black_and_white = binarized(test, Seed{1});
    print(own("Eigencoder", "binary", black_and_white, load_codec<BinaryCodec>(binary)));
    print(rival("PNG", "binary, 8 bits deep", black_and_white, rivals::png, rivals::from_png));
    print(rival(
        "WebP", "binary, lossless", black_and_white, [](const Picture& p) { return rivals::webp(p, 100, true); },
        rivals::from_webp));
  }
  std::printf("\n");

  for (const LossyFile& file : lossy)
    with_codec(file.model, [&](const auto& codec) {
      if constexpr (requires { codec.tables(); }) time_codes("lambda " + file.lambda, codec, test);
    });
  if (!grey.empty()) time_pixels<GreyDecoder>("grey", load_codec<GreyCodec>(grey), test);
  if (!binary.empty()) time_pixels<BinaryDecoder>("binary", load_codec<BinaryCodec>(binary), binarized(test, Seed{1}));
  draw(output / "rate_distortion.png", [&] {
    std::vector<Curve> curves;
    const auto add = [&](const std::string& name, Color color, const std::vector<Line>& lines) {
      Curve curve{name, color, {}};
      for (const Line& line : lines) curve.points.emplace_back(line.sheet, line.psnr);
      std::ranges::sort(curve.points);
      curves.push_back(std::move(curve));
    };
    add("Eigencoder", {38, 103, 178}, ours);
    add("PCA, ideal entropy", {52, 142, 92}, components);
    add("WebP, one sheet", {222, 119, 31}, webps);
    add("JPEG, one sheet", {166, 66, 140}, jpegs);
    return curves;
  }());
  for (std::size_t k = 0; k < ours.size(); ++k)
    draw_strip(output / ("strip_" + lossy[k].lambda + ".png"), test, jpegs, ours[k]);
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path data, grey, binary, output = ".";
  std::vector<std::string> lambdas;
  std::string models;
  CLI::App app{"Compresses test images by the image codec and by its rivals, as a Markdown table and pictures"};
  app.add_option("--data", data, "Directory of MNIST, or of a set in its format")->required();
  app.add_option("--models", models, "Directory of lossy_LAMBDA.safetensors, grey... and binary.safetensors")
      ->required();
  app.add_option("--lambdas", lambdas, "The lossy models")->delimiter(',')->required();
  app.add_option("--output", output, "Directory for the pictures");
  CLI11_PARSE(app, argc, argv);
  try {
    std::vector<LossyFile> lossy;
    const std::filesystem::path directory = models;
    for (const std::string& lambda : lambdas)
      lossy.push_back({lambda, directory / ("lossy_" + lambda + ".safetensors")});
    const auto if_there = [&](const char* name) {
      return std::filesystem::exists(directory / name) ? directory / name : std::filesystem::path{};
    };
    run(data, lossy, if_there("grey.safetensors"), if_there("binary.safetensors"), output);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
