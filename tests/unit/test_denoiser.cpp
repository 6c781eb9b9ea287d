#include <cmath>
#include <eigencoder/applications/denoiser.hpp>
#include <eigencoder/eigencoder.hpp>
#include <vector>

#include "support/catch.hpp"

namespace test_denoiser {

using namespace eigencoder;

namespace {

using Small = DenoisingNetwork<1, 4, 28>;

/// Waves in three colours, of which none is like another.
Image waves(const Shape& shape, double phase = 0) {
  Image image{shape, {}};
  for (Index i = 0; i < shape.height; ++i)
    for (Index j = 0; j < shape.width; ++j)
      for (Index c = 0; c < shape.channels; ++c) {
        const auto x = static_cast<double>(i), y = static_cast<double>(j), z = static_cast<double>(c);
        image.bytes.push_back(
            static_cast<std::uint8_t>(127 + 90 * std::sin(0.21 * x + phase + z) * std::cos(0.16 * y)));
      }
  return image;
}

std::vector<float> values_of(const Image& image) {
  std::vector<float> values;
  for (const std::uint8_t byte : image.bytes) values.push_back(static_cast<float>(byte) / 255);
  return values;
}

std::vector<float> noisy_values(const Image& image, double stddev) {
  std::vector<float> values = values_of(image);
  GaussianNoise{.stddev = stddev}.apply(std::span(values), 0, 7, Philox(Seed{3}));
  return values;
}

double squared_error(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += std::pow(static_cast<double>(a[k]) - static_cast<double>(b[k]), 2);
  return sum / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("a denoised image has no seams: tiles of another size give the same") {
  const Small model{Seed{2}};
  DenoisingNetwork<1, 4, 52> other;
  std::ranges::copy(model.parameters(), other.parameters().begin());
  for (const Shape shape : {Shape{45, 67, 1}, Shape{10, 3, 1}, Shape{1, 1, 1}, Shape{30, 21, 3}}) {
    const std::vector<float> noisy = noisy_values(waves(shape), 0.1);
    const std::vector<float> small = Denoiser(model).denoise(noisy, shape),
                             large = Denoiser(other).denoise(noisy, shape);
    if (shape.size() > 1) REQUIRE(std::sqrt(squared_error(noisy, small)) > 1e-3);
    for (std::size_t k = 0; k < small.size(); ++k) REQUIRE(small[k] == test::Approx(large[k]).margin(2e-6));
  }
}

TEST_CASE("a network of one channel takes colours one by one, and threads change nothing") {
  const Denoiser denoiser(Small{Seed{2}});
  const Shape shape{23, 31, 3};
  const std::vector<float> noisy = noisy_values(waves(shape), 0.1);
  const std::vector<float> all = denoiser.denoise(noisy, shape, 2);
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<float> one;
    for (std::size_t k = c; k < noisy.size(); k += 3) one.push_back(noisy[k]);
    one = denoiser.denoise(one, {23, 31, 1});
    for (std::size_t k = 0; k < one.size(); ++k) REQUIRE(one[k] == test::Approx(all[3 * k + c]).margin(1e-6));
  }
}

TEST_CASE("a network that finds no noise gives the image back") {
  DenoisingNetwork<3, 2, 28> model{Seed{1}};
  std::ranges::fill(model.parameters(), 0.0F);
  const Image image = waves({17, 40, 3});
  const Image same = Denoiser(model).denoise(image);
  REQUIRE(same.shape == image.shape);
  REQUIRE(same.bytes == image.bytes);
}

TEST_CASE("an image that the network does not take is refused") {
  const Denoiser colours(DenoisingNetwork<3, 2, 28>{});
  REQUIRE_THROWS_WITH(colours.denoise(waves({20, 20, 1})), Catch::Contains("the model takes 3 channels"));
  REQUIRE_THROWS_AS(colours.denoise(std::vector<float>(5), {2, 2, 3}), std::invalid_argument);
}

TEST_CASE("a noisy patch less its target is the clean one, and the same number gives the same patch") {
  const std::vector<Image> images{waves({40, 50, 1}), waves({30, 33, 3}, 1)};
  const NoisyPatches noisy = noisy_patches<Small>(images, GaussianNoise{.stddev = 0.2}, 40, Seed{5});
  const NoisyPatches clean = noisy_patches<Small>(images, {}, 40, Seed{5});
  REQUIRE(clean.target.matrix<float>().cwiseAbs().maxCoeff() == 0);
  const Matrix<float> x = noisy.input.matrix<float>(), y = clean.input.matrix<float>();
  const Matrix<float> noise = noisy.target.matrix<float>();
  REQUIRE((noisy.input.matrix<float>() - x).cwiseAbs().maxCoeff() == 0);
  REQUIRE(std::sqrt(noise.squaredNorm() / static_cast<float>(noise.size())) == test::Approx(0.2).epsilon(0.05));
  constexpr Shape whole = Small::input, middle = Small::Decoder::output;
  constexpr Index margin = (whole.height - middle.height) / 2;
  for (Index sample = 0; sample < 40; ++sample)
    for (Index i = 0; i < middle.height; ++i)
      for (Index j = 0; j < middle.width; ++j) {
        const Index at = (margin + i) * whole.width + margin + j;
        REQUIRE(noise(sample, i * middle.width + j) == x(sample, at) - y(sample, at));
      }
}

TEST_CASE("pairs give the difference of the two shots") {
  const std::vector<Image> first{waves({40, 50, 1})}, second{waves({40, 50, 1}, 2)};
  const NoisyPatches pairs = paired_patches<Small>(first, second, 8, Seed{5});
  const NoisyPatches turned = paired_patches<Small>(second, first, 8, Seed{5});
  REQUIRE((pairs.target.matrix<float>() + turned.target.matrix<float>()).cwiseAbs().maxCoeff() == 0);
  REQUIRE(pairs.target.matrix<float>().cwiseAbs().maxCoeff() > 0.1F);
}

TEST_CASE("images that no patches can be taken of are refused") {
  REQUIRE_THROWS_WITH(noisy_patches<Small>({}, {}, 1), Catch::Contains("no images"));
  REQUIRE_THROWS_WITH(noisy_patches<Small>({waves({40, 20, 1})}, {}, 1),
                      Catch::Contains("image 0 has 20 x 40 pixels, expected at least 28 x 28"));
  REQUIRE_THROWS_AS(paired_patches<Small>({waves({40, 40, 1})}, {}, 1), std::invalid_argument);
  REQUIRE_THROWS_AS(paired_patches<Small>({waves({40, 40, 1})}, {waves({40, 41, 1})}, 1), std::invalid_argument);
}

TEST_CASE("a trained denoiser takes noise off, whatever its level") {
  using Encoder = Sequential<Shape{20, 20, 1}, Conv2D<8, 5, relu>>;
  using Model = NoiseNetwork<Encoder, Sequential<Encoder::output, Conv2D<1, 5>>>;
  const std::vector<Image> images{waves({60, 60, 1}), waves({60, 60, 1}, 2)};
  const RandomLevel noise{
      .noise = [](double stddev) { return GaussianNoise{.stddev = stddev}; }, .from = 0.02, .to = 0.2};
  const NoisyPatches patches = noisy_patches<Model>(images, noise, 1024, Seed{1});
  Model model{Seed{1}};
  fit(model, patches.input, MeanSquaredError{}, Adam{.learning_rate = 5e-3},
      {.epochs = 6, .targets = patches.target, .threads = 1, .progress = false});
  const Shape shape{64, 40, 1};
  const Image other = waves(shape, 4);
  for (const double stddev : {0.08, 0.12, 0.18}) {
    const std::vector<float> noisy = noisy_values(other, stddev);
    REQUIRE(squared_error(Denoiser(model).denoise(noisy, shape), values_of(other)) <
            squared_error(noisy, values_of(other)) / 2);
  }
}

}  // namespace test_denoiser
