#pragma once

#include <cstddef>
#include <cstdint>
#include <eigencoder/applications/code_file.hpp>
#include <eigencoder/applications/codec.hpp>
#include <eigencoder/applications/integer_distribution.hpp>
#include <eigencoder/applications/integer_network.hpp>
#include <eigencoder/applications/rans.hpp>
#include <eigencoder/applications/variational_coder.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/discretized_logistic.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// A pixel's distribution given the decoder's outputs, in integers, for each loss that is a -log likelihood.
template <class Loss>
struct PixelCoder;

/// Black or white: P(white) = f(logit).
template <>
struct PixelCoder<BinaryCrossentropy> {
  static constexpr std::uint8_t kind = 'B';
  static constexpr Index outputs_per_pixel = 1;

  explicit PixelCoder(const BinaryCrossentropy&) {}

  static std::uint32_t symbol(std::uint8_t pixel, Index image) {
    if (pixel != 0 && pixel != 255)
      throw std::invalid_argument("LosslessCodec: image " + std::to_string(image) + " has the grey level " +
                                  std::to_string(pixel) + "; a model of black and white takes 0 and 255 only");
    return pixel / 255;
  }
  static std::uint8_t pixel(std::uint32_t symbol) { return static_cast<std::uint8_t>(255 * symbol); }

  [[nodiscard]] static auto distribution(const IntegerNetwork::Values& outputs, std::size_t k) {
    const auto threshold = [](std::uint32_t) -> std::int64_t { return 0; };
    return IntegerDistribution(fixed_point::logistic, 2, threshold, outputs[k], 65536);
  }
};

/// 256 grey levels: see DiscretizedLogistic.
template <>
struct PixelCoder<DiscretizedLogistic> {
  static constexpr std::uint8_t kind = 'G';
  static constexpr Index outputs_per_pixel = 2;

  GreyLevels levels;

  explicit PixelCoder(const DiscretizedLogistic& loss) : levels(loss.levels) {}

  static std::uint32_t symbol(std::uint8_t pixel, Index) { return pixel; }
  static std::uint8_t pixel(std::uint32_t symbol) { return static_cast<std::uint8_t>(symbol); }

  [[nodiscard]] auto distribution(const IntegerNetwork::Values& outputs, std::size_t k) const {
    const std::int32_t* const edges = levels.edges().data();
    const auto edge = [edges](std::uint32_t level) -> std::int64_t { return edges[level - 1]; };
    return IntegerDistribution(fixed_point::logistic, GreyLevels::count, edge, outputs[k],
                               fixed_point::inverse_scale(outputs[outputs.size() / 2 + k]));
  }
};

}  // namespace detail

/// Lossless compression with a variational autoencoder, by bits back: images come back bit for bit, and take, but for
/// the first, the bits of the negative evidence lower bound.
///
///     VariationalAutoencoder<Encoder, Decoder, 40> model{Seed{1}};       // black and white
///     fit(model, images, BinaryCrossentropy{}, Adam{}, {...});
///     const LosslessCodec codec(std::move(model), BinaryCrossentropy{});
///
///     VariationalCoder<Encoder, Decoder, 40> model{Seed{1}};             // 256 grey levels
///     const DiscretizedLogistic likelihood{.levels = GreyLevels(images)};
///     fit(model, images, EvidenceLowerBound<DiscretizedLogistic>{.reconstruction = likelihood}, Adam{}, {...});
///     const LosslessCodec codec(std::move(model), likelihood);
///
/// The stack of bits (Rans) goes from image to image. With q(z | x) the encoder's distribution of the code, p(z) a
/// standard normal one and p(x | z) the decoder's of the pixels, an image x is pushed so:
///
///   pop z by q(z | x), which takes bits off the stack;   push x by p(x | z);   push z by p(z).
///
/// (Between images the bits are stirred, so that codes do not depend on each other.) It costs -log p(x | z) - log p(z)
/// + log q(z | x), on average the bound. Who pops x knows z and x, and pushes z by q(z | x): the bits are back. Codes
/// are whole multiples of 1/64 in [-8, 8), shifted by half of that: far finer than q is wide, so nothing is lost.
///
/// Networks and distributions are computed in integers (IntegerNetwork, IntegerDistribution), so a file is the same,
/// and can be read, on every machine and in every build. Layers must be Dense, with relu, linear and at the end
/// sigmoid. A value: copies copy. The const members may be called from many threads at once.
/// Sources: Townsend, Bird, Barber, "Practical lossless compression with latent variables using bits back coding",
/// 2019; Hinton, van Camp, 1993, for the idea.
template <class Model_, class Likelihood_>
class LosslessCodec {
  using Pixels = detail::PixelCoder<Likelihood_>;
  using Decoder = typename Model_::Decoder;
  using Encoder = typename Model_::Encoder;

 public:
  using Model = Model_;
  using Likelihood = Likelihood_;

  static_assert(
      requires { typename Model::LatentLayer; },
      "LosslessCodec: the model must be a VariationalAutoencoder or VariationalCoder");
  static_assert(Decoder::output.size() == Pixels::outputs_per_pixel * Encoder::input.size(),
                "LosslessCodec: the decoder must give 1 number for each pixel with BinaryCrossentropy, 2 with "
                "DiscretizedLogistic");

  static constexpr std::uint8_t kind = Pixels::kind;

  /// Throws std::invalid_argument if a parameter is not finite.
  LosslessCodec(Model model, Likelihood likelihood)
      : model_(std::move(model)), likelihood_(likelihood), pixels_(likelihood) {
    const std::span<const float> all = std::as_const(model_).parameters();
    using Latent = typename Model::LatentLayer;
    const std::size_t before = size_of(typename Encoder::Bound{});
    const auto latent = static_cast<std::size_t>(parameter_count<Latent>);
    encoder_.add(typename Encoder::Bound{}, all);
    for (std::size_t head = 0; head < 2; ++head) {
      heads_[head].add(Latent::input.size(), units, all.subspan(before + head * latent / 2, latent / 2), true, false);
    }
    decoder_.add(typename Decoder::Bound{}, all.subspan(before + latent));
    fingerprint_ = detail::fingerprint(all);
    if constexpr (requires { likelihood_.levels; }) {
      std::vector<float> edges(likelihood_.levels.edges().begin(), likelihood_.levels.edges().end());
      fingerprint_ ^= detail::fingerprint(edges);
    }
  }

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] const Likelihood& likelihood() const { return likelihood_; }

  /// The images as a CodeFile's bytes. Values are rounded to bytes, which is exact for images that were read as bytes.
  /// Throws std::invalid_argument if they have not the model's size, are not finite, or not black and white where the
  /// model is.
  [[nodiscard]] std::vector<std::uint8_t> compress(const Dataset& images) const {
    detail::require_images(images, pixels, "LosslessCodec::compress");
    const Shape shape = images.empty() ? Model::input : images.shape();
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(images.size() * pixels));
    std::vector<float> image(static_cast<std::size_t>(pixels));
    images.visit([&](const auto& read) {
      for (Index sample = 0; sample < images.size(); ++sample) {
        read(sample, 0, pixels, image.data());
        std::transform(image.begin(), image.end(), bytes.begin() + sample * pixels, detail::to_byte);
      }
    });
    Rans stack(heads, Random(Seed{}, Stream::latent));
    for (Index sample = images.size(); sample-- > 0;) push(stack, image_of(bytes, sample), sample);
    ByteWriter out;
    out.number(checksum(bytes), 4);
    out.append(stack.bytes());
    return CodeFile{kind, fingerprint_, images.size(), shape, std::move(out).bytes()}.bytes();
  }

  /// The images of a CodeFile, bit for bit, in the shape that they had.
  /// Throws std::invalid_argument if it is damaged, or not this codec's.
  [[nodiscard]] Dataset decompress(std::span<const std::uint8_t> bytes) const {
    const CodeFile file = CodeFile::read(bytes, kind, fingerprint_, pixels);
    ByteReader in(file.payload);
    const std::uint64_t expected = in.number(4);
    Rans stack(in.take(in.left()));
    std::vector<std::uint8_t> images;
    for (Index sample = 0; sample < file.count; ++sample) pop(stack, images, sample);
    if (checksum(images) != expected) throw std::invalid_argument("is damaged: the images' checksum does not match");
    return Dataset::from_bytes(std::move(images), file.shape);
  }

 private:
  static constexpr Index pixels = Encoder::input.size();
  static constexpr Index units = Decoder::input.size();
  static constexpr int heads = 4;

  template <class... Layers>
  static constexpr std::size_t size_of(network::List<Layers...>) {
    return static_cast<std::size_t>((Index{0} + ... + parameter_count<Layers>));
  }
  static std::span<const std::uint8_t> image_of(const std::vector<std::uint8_t>& bytes, Index sample) {
    return std::span(bytes).subspan(static_cast<std::size_t>(sample * pixels), static_cast<std::size_t>(pixels));
  }

  // A code's unit is the number of the interval that it lies in.
  static constexpr std::uint32_t intervals = 1024;
  static constexpr std::int64_t interval_width = fixed_point::unit / 64;
  static constexpr std::int64_t edge(std::uint32_t k) { return (std::int64_t{k} - intervals / 2) * interval_width; }
  static auto normal(std::int64_t mean, std::int64_t log_scale) {
    return IntegerDistribution(fixed_point::normal, intervals, &edge, mean, fixed_point::inverse_scale(log_scale));
  }
  static auto prior() { return normal(0, 0); }

  using Code = std::vector<std::uint32_t>;

  /// q(z | x).
  struct Posterior {
    IntegerNetwork::Values mean, log_variance;
    [[nodiscard]] auto unit(std::size_t u) const { return normal(mean[u], log_variance[u] / 2); }
  };
  [[nodiscard]] Posterior posterior(std::span<const std::uint8_t> image) const {
    IntegerNetwork::Values x;
    for (const std::uint8_t pixel : image) x.push_back((pixel * fixed_point::unit + 127) / 255);
    const IntegerNetwork::Values h = encoder_(std::move(x));
    return {heads_[0](h), heads_[1](h)};
  }
  /// What the decoder makes of a code's intervals' centres.
  [[nodiscard]] IntegerNetwork::Values decode(const Code& code) const {
    IntegerNetwork::Values z;
    for (const std::uint32_t k : code) z.push_back(edge(k) + interval_width / 2);
    return decoder_(std::move(z));
  }

  /// The bits that a code is drawn by are those that the image before it left, and this one's code would follow from
  /// that one's; stirred by such a key they are as good as random.
  static std::uint32_t key(Index sample, std::size_t unit) {
    return Philox(Seed{}, Stream::latent).at(unit, static_cast<std::uint64_t>(sample))[0];
  }

  void push(Rans& stack, std::span<const std::uint8_t> image, Index sample) const {
    const Posterior q = posterior(image);
    Code code(static_cast<std::size_t>(units));
    for (std::size_t u = 0; u < code.size(); ++u) {
      stack.stir(key(sample, u));
      code[u] = q.unit(u).pop(stack);
    }
    const IntegerNetwork::Values outputs = decode(code);
    for (std::size_t k = image.size(); k-- > 0;)
      pixels_.distribution(outputs, k).push(stack, Pixels::symbol(image[k], sample));
    for (std::size_t u = code.size(); u-- > 0;) prior().push(stack, code[u]);
  }

  /// The same steps from the last to the first; adds the image to `images`.
  void pop(Rans& stack, std::vector<std::uint8_t>& images, Index sample) const {
    Code code(static_cast<std::size_t>(units));
    for (std::uint32_t& k : code) k = prior().pop(stack);
    const IntegerNetwork::Values outputs = decode(code);
    for (std::size_t k = 0; k < static_cast<std::size_t>(pixels); ++k)
      images.push_back(Pixels::pixel(pixels_.distribution(outputs, k).pop(stack)));
    const Posterior q = posterior(std::span(images).last(static_cast<std::size_t>(pixels)));
    for (std::size_t u = code.size(); u-- > 0;) {
      q.unit(u).push(stack, code[u]);
      stack.stir(key(sample, u));
    }
  }

  Model model_;
  Likelihood likelihood_;
  Pixels pixels_;
  IntegerNetwork encoder_, decoder_;
  std::array<IntegerNetwork, 2> heads_;
  std::uint32_t fingerprint_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
