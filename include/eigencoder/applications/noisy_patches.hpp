#pragma once

#include <algorithm>
#include <cstddef>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/image.hpp>
#include <eigencoder/noise/corruption.hpp>
#include <eigencoder/random/philox.hpp>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What a network that predicts noise is trained on, see NoiseNetwork.
struct NoisyPatches {
  Dataset input{};   ///< noisy patches x
  Dataset target{};  ///< and the noise on their middle, x less the clean one
};

namespace detail {

/// Copies the middle of a patch: all but what the margin around it has.
inline void copy_middle(std::span<const float> patch, const Shape& whole, std::span<float> middle, const Shape& shape) {
  const Index top = (whole.height - shape.height) / 2, left = (whole.width - shape.width) / 2;
  for (Index i = 0; i < shape.height; ++i) {
    const auto from = patch.begin() + ((top + i) * whole.width + left) * whole.channels;
    std::copy_n(from, shape.width * shape.channels, middle.begin() + i * shape.width * shape.channels);
  }
}

/// Squares of pairs of images, each a function of its number.
class PatchSource {
 public:
  PatchSource(std::vector<Image> noisy, std::vector<Image> clean, Corruption noise, const Shape& patch, Seed seed)
      : noisy_(std::move(noisy)), clean_(std::move(clean)), noise_(std::move(noise)), patch_(patch), seed_(seed) {
    if (noisy_.empty()) throw std::invalid_argument("there are no images to take patches of");
    for (std::size_t k = 0; k < noisy_.size(); ++k) {
      const Shape shape = noisy_[k].shape;
      if (shape.height < patch.height || shape.width < patch.width)
        throw std::invalid_argument("image " + std::to_string(k) + " has " + std::to_string(shape.width) + " x " +
                                    std::to_string(shape.height) + " pixels, expected at least " +
                                    std::to_string(patch.width) + " x " + std::to_string(patch.height));
      if (!clean_.empty() && clean_[k].shape != shape)
        throw std::invalid_argument("image " + std::to_string(k) + " has shape " + to_string(shape) +
                                    ", the one that goes with it " + to_string(clean_[k].shape));
      noisy_[k] = with_channels(noisy_[k], patch.channels);
      if (!clean_.empty()) clean_[k] = with_channels(clean_[k], patch.channels);
    }
  }

  void input(Index number, std::span<float> patch) const {
    cut(noisy_, number, patch);
    if (noise_) noise_.apply(patch, 0, number, Philox(seed_, Stream::corruption));
  }

  void clean(Index number, std::span<float> patch) const { cut(clean_.empty() ? noisy_ : clean_, number, patch); }

 private:
  /// From anywhere in any image, in one of the eight ways to turn and mirror it.
  void cut(const std::vector<Image>& images, Index number, std::span<float> patch) const {
    Random random(seed_, Stream::shuffle, number);
    const auto below = [&](Index bound) { return static_cast<Index>(random.below(static_cast<std::uint64_t>(bound))); };
    const Image& image = images[static_cast<std::size_t>(below(std::ssize(images)))];
    const Index top = below(image.shape.height - patch_.height + 1), left = below(image.shape.width - patch_.width + 1);
    const bool down = below(2) == 0, right = below(2) == 0, transposed = patch_.height == patch_.width && below(2) == 0;
    float* to = patch.data();
    for (Index i = 0; i < patch_.height; ++i)
      for (Index j = 0; j < patch_.width; ++j) {
        const Index k = transposed ? j : i, l = transposed ? i : j;
        const Index row = top + (down ? k : patch_.height - 1 - k), column = left + (right ? l : patch_.width - 1 - l);
        const std::uint8_t* pixel = image.bytes.data() + (row * image.shape.width + column) * image.shape.channels;
        for (Index c = 0; c < patch_.channels; ++c) *to++ = static_cast<float>(pixel[c]) / 255;
      }
  }

  std::vector<Image> noisy_, clean_;
  Corruption noise_;
  Shape patch_;
  Seed seed_;
};

/// `count` samples of the source, as the model takes and gives them.
template <class Model>
NoisyPatches patches_of(std::shared_ptr<const PatchSource> source, Index count) {
  static constexpr Shape whole = Model::input, middle = Model::Decoder::output;
  static constexpr auto size = static_cast<std::size_t>(whole.size()), part = static_cast<std::size_t>(middle.size());
  return {Dataset::generated(count, whole,
                             [source](std::span<const Index> samples, std::span<float> rows) {
                               for (std::size_t k = 0; k < samples.size(); ++k)
                                 source->input(samples[k], rows.subspan(k * size, size));
                             }),
          Dataset::generated(count, middle, [source](std::span<const Index> samples, std::span<float> rows) {
            std::vector<float> noise(size), clean(size);
            for (std::size_t k = 0; k < samples.size(); ++k) {
              source->input(samples[k], noise);
              source->clean(samples[k], clean);
              std::ranges::transform(noise, clean, noise.begin(), std::minus{});
              copy_middle(noise, whole, rows.subspan(k * part, part), middle);
            }
          })};
}

}  // namespace detail

/// `count` patches of clean images, from anywhere in them, turned and mirrored, with noise that is another on each. All
/// are made when they are needed, so that they take no memory, and may be many; the same seed gives the same.
/// Throws std::invalid_argument if there are no images, or one that is smaller than what the model takes.
template <class Model>
[[nodiscard]] NoisyPatches noisy_patches(std::vector<Image> clean, Corruption noise, Index count, Seed seed = {}) {
  return detail::patches_of<Model>(std::make_shared<const detail::PatchSource>(std::move(clean), std::vector<Image>{},
                                                                               std::move(noise), Model::input, seed),
                                   count);
}

/// The same where nothing is clean, but everything has been taken twice, with noise of mean 0 that is another in the
/// second shot: that one stands for the clean image, since what is learnt is a mean, and the mean is the clean one. Not
/// for noise that moves the mean, such as salt and pepper, or what is cut off at black and white. Pairs of a noisy and
/// a clean image are as good. Throws std::invalid_argument as above, and unless there are pairs of the same size.
/// Source: Lehtinen et al., "Noise2Noise: learning image restoration without clean data", 2018.
template <class Model>
[[nodiscard]] NoisyPatches paired_patches(std::vector<Image> first, std::vector<Image> second, Index count,
                                          Seed seed = {}) {
  if (first.size() != second.size())
    throw std::invalid_argument("paired_patches: there are " + std::to_string(first.size()) + " first shots and " +
                                std::to_string(second.size()) + " second ones");
  return detail::patches_of<Model>(std::make_shared<const detail::PatchSource>(std::move(first), std::move(second),
                                                                               Corruption{}, Model::input, seed),
                                   count);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
