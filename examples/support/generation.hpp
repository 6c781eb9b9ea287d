#pragma once

#include <eigencoder/applications/two_stage_prior.hpp>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/layers/concatenate_label.hpp>
#include <eigencoder/models/classifier.hpp>
#include <functional>

/// The models of the program `generate`, for images of 28 x 28 pixels with labels 0 to 9. What trains and runs them is
/// compiled in files of its own.
namespace examples {

inline constexpr eigencoder::Index image_size = 784, code_size = 20, small_code_size = 8;
inline constexpr int classes = 10;

/// A variational autoencoder 784 - 400 - 20 - 400 - 784.
class ImageGenerator {
  using Encoder = eigencoder::Sequential<eigencoder::Shape{image_size}, eigencoder::Dense<400, eigencoder::relu>>;
  using Decoder = eigencoder::Sequential<eigencoder::Shape{code_size}, eigencoder::Dense<400, eigencoder::relu>,
                                         eigencoder::Dense<image_size, eigencoder::sigmoid>>;
  using Model = eigencoder::VariationalAutoencoder<Encoder, Decoder, code_size>;

 public:
  using Scalar = float;
  static constexpr eigencoder::Shape input = Model::input;

  ImageGenerator(const eigencoder::Dataset& images, const eigencoder::FitOptions& options);

  [[nodiscard]] eigencoder::Matrix<float> encode(const eigencoder::Dataset& images, eigencoder::Index threads) const;
  [[nodiscard]] Model::Distribution encode_distribution(const eigencoder::Dataset& images,
                                                        eigencoder::Index threads) const;
  [[nodiscard]] eigencoder::Matrix<float> decode(const eigencoder::Dataset& codes, eigencoder::Index threads) const;
  [[nodiscard]] eigencoder::Matrix<float> reconstruct(const eigencoder::Dataset& images,
                                                      eigencoder::Index threads) const;

 private:
  Model model_;
};

/// The same with the label beside image and code, and a code so small that it has no room for the label itself.
class ConditionalImageGenerator {
  using Label = eigencoder::ConcatenateLabel<classes>;
  using Encoder =
      eigencoder::Sequential<eigencoder::Shape{image_size}, Label, eigencoder::Dense<400, eigencoder::relu>>;
  using Decoder =
      eigencoder::Sequential<eigencoder::Shape{small_code_size}, Label, eigencoder::Dense<400, eigencoder::relu>,
                             eigencoder::Dense<image_size, eigencoder::sigmoid>>;
  using Model = eigencoder::VariationalAutoencoder<Encoder, Decoder, small_code_size>;

 public:
  using Scalar = float;

  ConditionalImageGenerator(const eigencoder::Dataset& images, const eigencoder::FitOptions& options);

  [[nodiscard]] eigencoder::Matrix<float> decode(const eigencoder::Dataset& codes, eigencoder::Index threads) const;

 private:
  Model model_;
};

/// A classifier 784 - 256 - 32 - 10, which judges what was generated: Fréchet distances are measured in the 32.
class ImageJudge {
  using Encoder = eigencoder::Sequential<eigencoder::Shape{image_size}, eigencoder::Dense<256, eigencoder::relu>,
                                         eigencoder::Dense<32, eigencoder::relu>>;

 public:
  ImageJudge(const eigencoder::Dataset& images, eigencoder::FitOptions options);

  /// The Fréchet distance from the training images' features to those of other images.
  [[nodiscard]] double distance(const eigencoder::Dataset& images, eigencoder::Index threads) const;
  [[nodiscard]] std::vector<int> predict(const eigencoder::Dataset& images, eigencoder::Index threads) const;

 private:
  eigencoder::Classifier<Encoder, eigencoder::Sequential<Encoder::output, eigencoder::Dense<classes>>> model_;
  eigencoder::Matrix<double> features_;
};

/// A prior that was fitted to codes.
struct FittedPrior {
  std::function<eigencoder::Matrix<double>(eigencoder::Index, eigencoder::Seed)> draw;

  [[nodiscard]] eigencoder::Matrix<double> sample(eigencoder::Index n, eigencoder::Seed seed) const {
    return draw(n, seed);
  }
};

[[nodiscard]] FittedPrior mixture_prior(const eigencoder::Matrix<double>& codes, eigencoder::Index components,
                                        eigencoder::Seed seed);
[[nodiscard]] FittedPrior second_stage_prior(const eigencoder::Matrix<double>& codes,
                                             const eigencoder::TwoStagePriorOptions& options);

}  // namespace examples
