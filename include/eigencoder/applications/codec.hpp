#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <eigencoder/applications/bytes.hpp>
#include <eigencoder/applications/code_file.hpp>
#include <eigencoder/applications/frequency_table.hpp>
#include <eigencoder/applications/rans.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/to_byte.hpp>
#include <eigencoder/layers/quantized_latent.hpp>
#include <eigencoder/losses/rate_distortion.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// A number that tells models apart: the CRC-32 of their parameters.
[[nodiscard]] inline std::uint32_t fingerprint(std::span<const float> parameters) {
  ByteWriter out;
  for (const float value : parameters) out.number(std::bit_cast<std::uint32_t>(value), 4);
  return checksum(out.bytes());
}

/// Throws std::invalid_argument unless the images are finite and have as many values as the model takes.
inline void require_images(const Dataset& images, Index pixels, const char* where) {
  if (images.empty()) return;
  if (images.features() != pixels)
    throw std::invalid_argument(std::string(where) + ": the images have shape " + to_string(images.shape()) +
                                "; the model takes " + std::to_string(pixels) + " values");
  images.check_finite();
}

}  // namespace detail

/// Lossy compression by an autoencoder whose encoder ends in QuantizedLatent, trained with RateDistortion:
///
///     using Encoder = Sequential<Shape{784}, Dense<512, relu>, Dense<64>, QuantizedLatent>;
///     using Decoder = Sequential<Encoder::output, Dense<512, relu>, Dense<784, sigmoid>>;
///     Autoencoder<Encoder, Decoder> model{Seed{1}};
///     fit(model, images, RateDistortion<>{.lambda = 50}, Adam{}, {.epochs = 50, .batch_size = 256});
///     const Codec codec(std::move(model), images);
///     const std::vector<std::uint8_t> bytes = codec.compress(others);
///     const Dataset restored = codec.decompress(bytes);  // bytes like the image's, near to them
///
/// The code's whole numbers go through Rans, each channel with a FrequencyTable of its own, counted once on images like
/// those to come. All that the entropy coder uses are integers that are part of the codec: codes come back the same on
/// every machine. The pixels are the decoder's, equal bit for bit in the same build, and within a grey level or so
/// elsewhere.
///
/// A value: copies copy. The const members may be called from many threads at once.
/// Source: Ballé, Laparra, Simoncelli, "End-to-end optimized image compression", 2017.
template <class Model_>
class Codec {
 public:
  using Model = Model_;

  static_assert(
      std::is_same_v<typename Model::Network::template Layer<Model::code - 1>, QuantizedLatent::Layer<Model::latent>>,
      "Codec: the encoder's last layer must be QuantizedLatent");
  static_assert(std::is_same_v<typename Model::Scalar, float>, "Codec: the model's Scalar must be float");

  static constexpr std::uint8_t kind = 'L';
  static constexpr Shape code = Model::latent;

  /// Counts the codes of these images, the more the better, such as those that the model was trained on.
  /// threads 0: all cores. Throws std::invalid_argument if there are none, or of the wrong size, or not finite.
  Codec(Model model, const Dataset& images, int threads = 0) : model_(std::move(model)) {
    detail::require_images(images, Model::input.size(), "Codec");
    const std::vector<std::int32_t> codes = encode(images, threads);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      std::vector<std::int32_t> own;
      for (std::size_t k = channel; k < codes.size(); k += channels) own.push_back(codes[k]);
      tables_.push_back(FrequencyTable::of(own));
    }
    sign();
  }

  /// From the tables of another codec's channels. Throws std::invalid_argument unless there is one for each.
  Codec(Model model, std::vector<FrequencyTable> tables) : model_(std::move(model)), tables_(std::move(tables)) {
    if (tables_.size() != channels)
      throw std::invalid_argument("Codec: " + std::to_string(tables_.size()) + " tables for " +
                                  std::to_string(channels) + " channels");
    sign();
  }

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] const std::vector<FrequencyTable>& tables() const { return tables_; }

  /// The images as a CodeFile's bytes. threads 0: all cores.
  /// Throws std::invalid_argument if they have not the model's size, or are not finite.
  [[nodiscard]] std::vector<std::uint8_t> compress(const Dataset& images, int threads = 1) const {
    detail::require_images(images, Model::input.size(), "Codec::compress");
    const Shape shape = images.empty() ? Model::input : images.shape();
    return CodeFile{kind, fingerprint_, images.size(), shape, pack(encode(images, threads))}.bytes();
  }

  /// The images of a CodeFile, as bytes, in the shape that they had.
  /// Throws std::invalid_argument if it is damaged, or not this codec's.
  [[nodiscard]] Dataset decompress(std::span<const std::uint8_t> bytes, int threads = 1) const {
    const CodeFile file = CodeFile::read(bytes, kind, fingerprint_, Model::input.size());
    const std::vector<std::int32_t> codes = unpack(file.payload, file.count);
    Matrix<float> values(file.count, code.size());
    std::transform(codes.begin(), codes.end(), values.data(), [](std::int32_t q) { return static_cast<float>(q); });
    const Matrix<float> images = model_.decode(values, threads);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(images.size()));
    std::transform(images.data(), images.data() + images.size(), pixels.begin(), detail::to_byte);
    return Dataset::from_bytes(std::move(pixels), file.shape);
  }

  /// The images' codes, one after the other, each in (height, width, channels) order.
  [[nodiscard]] std::vector<std::int32_t> encode(const Dataset& images, int threads = 1) const {
    const Matrix<float> values = model_.encode(images, threads);
    std::vector<std::int32_t> codes(static_cast<std::size_t>(values.size()));
    std::transform(values.data(), values.data() + values.size(), codes.begin(), [](float value) {
      constexpr float most = 1 << 24;  // up to there, all whole numbers are floats
      return static_cast<std::int32_t>(value >= -most ? std::min(value, most) : -most);  // also of NaN
    });
    return codes;
  }

  /// Entropy coding alone: codes to a CodeFile's payload.
  [[nodiscard]] std::vector<std::uint8_t> pack(std::span<const std::int32_t> codes) const {
    // More heads are faster, and each costs about 5 bytes.
    Rans stack(codes.size() < 4096 ? 1 : 4);
    for (std::size_t k = codes.size(); k-- > 0;) tables_[k % channels].push(stack, codes[k]);
    return stack.bytes();
  }
  /// And back, for `images` images. Throws std::invalid_argument if the payload is not theirs.
  [[nodiscard]] std::vector<std::int32_t> unpack(std::span<const std::uint8_t> payload, Index images) const {
    Rans stack(payload);
    std::vector<std::int32_t> codes;
    for (Index image = 0; image < images; ++image)
      for (std::size_t k = 0; k < static_cast<std::size_t>(code.size()); ++k)
        codes.push_back(tables_[k % channels].pop(stack));
    if (!stack.is_empty()) throw std::invalid_argument("has more codes than its header says");
    return codes;
  }

 private:
  static constexpr auto channels = static_cast<std::size_t>(code.channels);

  void sign() {
    std::vector<float> all(model_.parameters().begin(), model_.parameters().end());
    for (const FrequencyTable& table : tables_) {
      all.push_back(static_cast<float>(table.first()));
      for (const std::uint16_t frequency : table.frequencies()) all.push_back(frequency);
    }
    fingerprint_ = detail::fingerprint(all);
  }

  Model model_;
  std::vector<FrequencyTable> tables_;
  std::uint32_t fingerprint_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
