#pragma once

#include <eigencoder/applications/codec.hpp>
#include <eigencoder/applications/codec_files.hpp>
#include <eigencoder/applications/lossless_codec.hpp>
#include <eigencoder/eigencoder.hpp>
#include <filesystem>

/// The models of the image codec, for 28 x 28 grey levels: of MNIST, Fashion-MNIST or sets like them.
namespace examples {

inline constexpr eigencoder::Index pixels = 28 * 28;

/// Lossy: a code of so many whole numbers, many of which are nearly always 0 where lambda is small.
template <eigencoder::Index Code>
using LossyEncoder = eigencoder::Sequential<eigencoder::Shape{pixels}, eigencoder::Dense<1024, eigencoder::relu>,
                                            eigencoder::Dense<Code>, eigencoder::QuantizedLatent>;
template <eigencoder::Index Code>
using LossyDecoder = eigencoder::Sequential<eigencoder::Shape{Code}, eigencoder::Dense<1024, eigencoder::relu>,
                                            eigencoder::Dense<pixels, eigencoder::sigmoid>>;
template <eigencoder::Index Code>
using LossyModel = eigencoder::Autoencoder<LossyEncoder<Code>, LossyDecoder<Code>>;
template <eigencoder::Index Code>
using LossyCodec = eigencoder::Codec<LossyModel<Code>>;

/// The sizes of code that there are: the second for lambdas of 1000 or more, where 64 numbers cannot say enough.
inline constexpr eigencoder::Index narrow_code = 64, wide_code = 192;

/// Lossless, 256 grey levels.
using GreyEncoder = eigencoder::Sequential<eigencoder::Shape{pixels}, eigencoder::Dense<400, eigencoder::relu>>;
using GreyDecoder = eigencoder::Sequential<eigencoder::Shape{40}, eigencoder::Dense<400, eigencoder::relu>,
                                           eigencoder::Dense<2 * pixels>>;
using GreyModel = eigencoder::VariationalCoder<GreyEncoder, GreyDecoder, 40>;
using GreyCodec = eigencoder::LosslessCodec<GreyModel, eigencoder::DiscretizedLogistic>;

/// Lossless, black and white.
using BinaryEncoder = eigencoder::Sequential<eigencoder::Shape{pixels}, eigencoder::Dense<300, eigencoder::relu>,
                                             eigencoder::Dense<300, eigencoder::relu>>;
using BinaryDecoder =
    eigencoder::Sequential<eigencoder::Shape{40}, eigencoder::Dense<300, eigencoder::relu>,
                           eigencoder::Dense<300, eigencoder::relu>, eigencoder::Dense<pixels, eigencoder::sigmoid>>;
using BinaryModel = eigencoder::VariationalAutoencoder<BinaryEncoder, BinaryDecoder, 40>;
using BinaryCodec = eigencoder::LosslessCodec<BinaryModel, eigencoder::BinaryCrossentropy>;

/// Black and white images of grey ones: each pixel is white with the probability that it is grey, a function of the
/// seed. Source: Salakhutdinov, Murray, "On the quantitative analysis of deep belief networks", 2008.
[[nodiscard]] inline eigencoder::Dataset binarized(const eigencoder::Dataset& images, eigencoder::Seed seed) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(images.size() * images.features()));
  std::vector<float> image(static_cast<std::size_t>(images.features()));
  eigencoder::Random random(seed, eigencoder::Stream::corruption);
  images.visit([&](const auto& read) {
    for (eigencoder::Index sample = 0; sample < images.size(); ++sample) {
      read(sample, 0, images.features(), image.data());
      for (const float value : image) bytes.push_back(random.uniform<float>() < value ? 255 : 0);
    }
  });
  return eigencoder::Dataset::from_bytes(std::move(bytes), images.shape());
}

/// f(codec), of the kind that the file is of. Throws std::runtime_error if it is of none.
template <class Function>
void with_codec(const std::filesystem::path& file, const Function& f) {
  const auto tensors = eigencoder::read_safetensors(file);
  if (const auto first = tensors.find("codec.first"); first != tensors.end()) {
    if (first->second.values.size() == wide_code) {
      f(eigencoder::load_codec<LossyCodec<wide_code>>(file));
    } else {
      f(eigencoder::load_codec<LossyCodec<narrow_code>>(file));
    }
  } else if (tensors.contains("levels.edges")) {
    f(eigencoder::load_codec<GreyCodec>(file));
  } else {
    f(eigencoder::load_codec<BinaryCodec>(file));
  }
}

/// The mean squared error between two sets of images in grey levels, over all their pixels, as a ratio to white:
/// 10 log10(255^2 / mean (x - y)^2), in dB, with all values rounded to bytes.
[[nodiscard]] inline double peak_signal_to_noise(const eigencoder::Dataset& a, const eigencoder::Dataset& b) {
  const auto bytes = [](const eigencoder::Dataset& images) {
    return (images.matrix<double>().array() * 255).round().eval();
  };
  return 10 * std::log10(255.0 * 255.0 / (bytes(a) - bytes(b)).square().mean());
}

}  // namespace examples
