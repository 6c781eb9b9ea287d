#pragma once

#include <algorithm>
#include <cstddef>
#include <eigencoder/applications/noisy_patches.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/image.hpp>
#include <eigencoder/data/to_byte.hpp>
#include <eigencoder/layers/conv2d.hpp>
#include <eigencoder/layers/conv2d_transpose.hpp>
#include <eigencoder/models/encoder_decoder.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A network of convolutions without padding that predicts the noise f(x) on the middle of a patch x: it gives no value
/// that depends on what lies outside.
/// Source: Zhang, Zuo, Chen, Meng, Zhang, "Beyond a Gaussian denoiser: residual learning of deep CNN for image
/// denoising", 2017.
template <class Encoder, class Decoder, class Scalar = float>
class NoiseNetwork : public EncoderDecoder<Encoder, network::List<>, Decoder, Scalar> {
  static constexpr Shape whole = Encoder::input, middle = Decoder::output;
  static_assert(ShapesMatch<Decoder::input, Encoder::output>::value,
                "NoiseNetwork: the decoder's input shape must be the encoder's output shape (Encoder::output); compare "
                "ShapesMatch<decoder's, encoder's>");
  static_assert(middle.channels == whole.channels && (whole.channels == 1 || whole.channels == 3),
                "NoiseNetwork: input and output must have the same channels, 1 or 3");
  static_assert(
      middle.height < whole.height && middle.width < whole.width && (whole.height - middle.height) % 2 == 0 &&
          (whole.width - middle.width) % 2 == 0,
      "NoiseNetwork: the output must be smaller than the input, by the same margin on all sides: leave `same` "
      "out of the convolutions");

 public:
  using EncoderDecoder<Encoder, network::List<>, Decoder, Scalar>::EncoderDecoder;
};

/// A NoiseNetwork that suits photographs: it works at half the resolution, where a convolution sees twice as far for a
/// quarter of the work. Source: Zhang, Zuo, Zhang, "FFDNet: toward a fast and flexible solution for CNN-based image
/// denoising", 2018; the first and the last layer are learnt here.
template <Index Channels = 1, Index Filters = 32, Index Tile = 64>
using DenoisingNetwork =
    NoiseNetwork<Sequential<Shape{Tile, Tile, Channels}, Conv2D<Filters, 4, stride(2), relu>, Conv2D<Filters, 3, relu>,
                            Conv2D<Filters, 3, relu>, Conv2D<Filters, 3, relu>>,
                 Sequential<Shape{Tile / 2 - 7, Tile / 2 - 7, Filters}, Conv2D<Filters, 3, relu>,
                            Conv2D<Filters, 3, relu>, Conv2DTranspose<Channels, 2, stride(2)>>>;

/// Takes the noise off images of any size, y = x - f(x):
///
///     DenoisingNetwork<> model{Seed{1}};
///     const NoisyPatches patches = noisy_patches<DenoisingNetwork<>>(images, GaussianNoise{.stddev = 0.1}, 100'000);
///     fit(model, patches.input, MeanSquaredError{}, Adam{}, {.epochs = 10, .targets = patches.target});
///     const Image clean = Denoiser(model).denoise(noisy);
///
/// The network sees the image in tiles that overlap by as much as a pixel depends on, so that each pixel comes out as
/// if there were no tiles, and there are no seams that would need blending. Around the image its mirror image continues
/// it. A network of one channel takes colours one by one.
///
/// A value: copies copy. The const members may be called from many threads at once.
template <class Model_>
class Denoiser {
 public:
  using Model = Model_;

  static_assert(std::is_same_v<typename Model::Scalar, float>, "Denoiser: the model's Scalar must be float");

  static constexpr Shape tile = Model::input, middle = Model::Decoder::output;

  explicit Denoiser(Model model) : model_(std::move(model)) {}

  [[nodiscard]] const Model& model() const { return model_; }

  /// The image without noise. threads 0: all cores.
  /// Throws std::invalid_argument unless the image has as many channels as the model, or the model one.
  [[nodiscard]] Image denoise(const Image& noisy, int threads = 1) const {
    std::vector<float> values(noisy.bytes.size());
    std::ranges::transform(noisy.bytes, values.begin(),
                           [](std::uint8_t byte) { return static_cast<float>(byte) / 255; });
    values = denoise(values, noisy.shape, threads);
    Image result{noisy.shape, std::vector<std::uint8_t>(values.size())};
    std::ranges::transform(values, result.bytes.begin(), detail::to_byte);
    return result;
  }

  /// The same of values that are 1 for white, in (height, width, channels) order; they are not brought into [0, 1].
  [[nodiscard]] std::vector<float> denoise(std::span<const float> noisy, const Shape& shape, int threads = 1) const {
    if (!shape.is_valid() || std::ssize(noisy) != shape.size() ||
        (tile.channels != 1 && tile.channels != shape.channels))
      throw std::invalid_argument("Denoiser::denoise: " + std::to_string(noisy.size()) + " values of shape " +
                                  to_string(shape) + "; the model takes " + std::to_string(tile.channels) +
                                  (tile.channels == 1 ? " channel" : " channels"));
    const Tiling tiling{noisy, shape};
    const Matrix<float> noise = model_.reconstruct(
        Dataset::generated(tiling.count(), tile,
                           [&](std::span<const Index> numbers, std::span<float> rows) {
                             for (std::size_t k = 0; k < numbers.size(); ++k)
                               tiling.cut(numbers[k], rows.data() + static_cast<Index>(k) * tile.size());
                           }),
        threads);
    std::vector<float> result(noisy.begin(), noisy.end());
    for (Index number = 0; number < tiling.count(); ++number) tiling.subtract(noise.row(number).data(), number, result);
    return result;
  }

 private:
  /// How the tiles lie: their middles side by side, row by row, channel by channel if the model has one only.
  struct Tiling {
    std::span<const float> image;
    Shape shape;
    Index columns = (shape.width + middle.width - 1) / middle.width;
    Index rows = (shape.height + middle.height - 1) / middle.height;

    [[nodiscard]] Index count() const { return rows * columns * (shape.channels / tile.channels); }
    [[nodiscard]] Index top(Index number) const { return number / columns % rows * middle.height; }
    [[nodiscard]] Index left(Index number) const { return number % columns * middle.width; }
    /// Where a pixel of a tile has its first channel.
    [[nodiscard]] Index at(Index number, Index row, Index column) const {
      return (row * shape.width + column) * shape.channels + number / (columns * rows) * tile.channels;
    }

    /// i, or its mirror image in 0 ... size - 1.
    static Index mirrored(Index i, Index size) {
      const Index period = std::max<Index>(2 * (size - 1), 1);
      const Index k = (i % period + period) % period;
      return std::min(k, period - k);
    }

    void cut(Index number, float* to) const {
      for (Index i = 0; i < tile.height; ++i) {
        const Index row = mirrored(top(number) + i - (tile.height - middle.height) / 2, shape.height);
        for (Index j = 0; j < tile.width; ++j) {
          const Index column = mirrored(left(number) + j - (tile.width - middle.width) / 2, shape.width);
          to = std::copy_n(image.begin() + at(number, row, column), tile.channels, to);
        }
      }
    }

    void subtract(const float* noise, Index number, std::vector<float>& from) const {
      const Index height = std::min(middle.height, shape.height - top(number));
      const Index width = std::min(middle.width, shape.width - left(number));
      for (Index i = 0; i < height; ++i)
        for (Index j = 0; j < width; ++j)
          for (Index c = 0; c < tile.channels; ++c)
            from[static_cast<std::size_t>(at(number, top(number) + i, left(number) + j) + c)] -=
                noise[(i * middle.width + j) * tile.channels + c];
    }
  };

  Model model_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
