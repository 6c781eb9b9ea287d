#include "gradients/model_harness.hpp"
#include "support/catch.hpp"

namespace test_augmentation {

using namespace eigencoder;

namespace {

constexpr Shape shape{4, 6, 2};

/// Values that tell where they were.
std::vector<double> image() {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = 0.01 + static_cast<double>(k) / 100;
  return values;
}

double at(const std::vector<double>& values, Index i, Index j, Index c) {
  return values[static_cast<std::size_t>((i * shape.width + j) * shape.channels + c)];
}

template <class Transform>
std::vector<double> changed(const Transform& transform, std::uint64_t number, std::vector<double> values = image()) {
  Random random(Seed{1}, Stream::augmentation, number);
  transform.apply(std::span<double>(values), shape, random);
  return values;
}

/// Draws nothing and doubles.
struct Doubled {
  template <class Scalar>
  void apply(std::span<Scalar> values, const Shape&, Random&) const {
    for (Scalar& value : values) value *= 2;
  }
};

}  // namespace

TEST_CASE("a binarisation makes white pixels as often as they are bright") {
  std::vector<double> white(image().size(), 0.0);
  constexpr int draws = 4000;
  for (std::uint64_t k = 0; k < draws; ++k) {
    const auto binary = changed(RandomBinarization{}, k);
    for (std::size_t i = 0; i < binary.size(); ++i) {
      REQUIRE((binary[i] == 0 || binary[i] == 1));
      white[i] += binary[i];
    }
  }
  for (std::size_t i = 0; i < white.size(); ++i) {
    const double p = image()[i], deviation = std::sqrt(draws * p * (1 - p));
    CHECK(std::abs(white[i] - draws * p) < 5 * deviation);
  }
}

TEST_CASE("a flip mirrors an image, half of the times each way") {
  int mirrored = 0, turned = 0;
  for (std::uint64_t k = 0; k < 200; ++k) {
    const auto flipped = changed(RandomFlip{}, k),
               vertical = changed(RandomFlip{.horizontal = false, .vertical = true}, k);
    const bool is_flipped = flipped != image(), is_turned = vertical != image();
    mirrored += is_flipped;
    turned += is_turned;
    for (Index i = 0; i < 4; ++i)
      for (Index j = 0; j < 6; ++j)
        for (Index c = 0; c < 2; ++c) {
          REQUIRE(at(flipped, i, j, c) == at(image(), i, is_flipped ? 5 - j : j, c));
          REQUIRE(at(vertical, i, j, c) == at(image(), is_turned ? 3 - i : i, j, c));
        }
  }
  CHECK(std::abs(mirrored - 100) < 30);
  CHECK(std::abs(turned - 100) < 30);
}

TEST_CASE("a translation and a rotation move the pixels where they should be") {
  CHECK(changed(RandomTranslation{0, 0}, 1) == image());
  // Of a slope, each pixel that comes from within has changed by the same amount.
  std::vector<double> slope(48);
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 6; ++j)
      for (Index c = 0; c < 2; ++c)
        slope[static_cast<std::size_t>((i * 6 + j) * 2 + c)] = static_cast<double>(10 * i + j);
  bool moved = false;
  for (std::uint64_t k = 0; k < 20; ++k) {
    const auto there = changed(RandomTranslation{.height_factor = 0, .width_factor = 0.3, .fill = -100}, k, slope);
    const double right = at(slope, 1, 2, 0) - at(there, 1, 2, 0);
    CHECK(std::abs(right) <= 1.8);
    CHECK(at(there, 2, 3, 1) - at(there, 1, 2, 1) == test::Approx(11));
    moved = moved || std::abs(right) > 0.9;
  }
  CHECK(moved);

  const auto turned = changed(RandomRotation{.factor = 0.5}, 3, slope);
  double middle = 0;  // the mean of the four around the middle stays
  for (const Index i : {1, 2})
    for (const Index j : {2, 3}) middle += at(turned, i, j, 0) / 4;
  CHECK(middle == test::Approx(17.5));
  CHECK(changed(RandomRotation{.factor = 0}, 1) == image());
}

TEST_CASE("brightness is one number for all values, and stays in [0, 1]") {
  const auto brighter = changed(RandomBrightness{.factor = 0.3}, 5);
  const double more = brighter[20] - image()[20];
  CHECK(std::abs(more) <= 0.3);
  CHECK(more != 0);
  for (std::size_t k = 0; k < 48; ++k) CHECK(brighter[k] == test::Approx(std::clamp(image()[k] + more, 0.0, 1.0)));
  CHECK_THROWS_AS(RandomBrightness{.factor = -1}.check(), std::invalid_argument);
  CHECK_THROWS_AS(Augmentation(RandomTranslation{.width_factor = 2}), std::invalid_argument);
}

TEST_CASE("an augmentation changes input and target alike, each epoch anew, and not what is validated with") {
  using Model = Autoencoder<Sequential<shape, Flatten, Dense<4>>, Sequential<Shape{4}, Dense<48>, Reshape<shape>>>;
  const Dataset data = test::smooth_samples(40, shape);
  const auto losses = [&](const FitOptions& given, const Dataset& x) {
    FitOptions options = given;
    options.epochs = 2;
    options.progress = false;
    options.validation = data;
    options.threads = 2;
    Model model{Seed{1}};
    return fit(model, x, MeanSquaredError{}, SGD{.learning_rate = 1e-30}, options);
  };
  const Matrix<double> twice = 2 * data.matrix<double>();
  const Dataset doubled(twice, shape);
  const History plain = losses({}, data), expected = losses({}, doubled);
  const History augmented = losses({.augmentation = Doubled{}}, data);
  CHECK(augmented.loss[0] == test::Approx(expected.loss[0]).epsilon(1e-6));
  CHECK(augmented.validation_loss == plain.validation_loss);
  const History with_target = losses({.targets = doubled, .augmentation = Doubled{}}, data);
  CHECK(with_target.loss[0] ==
        test::Approx(losses({.targets = Dataset(Matrix<double>(2 * twice), shape)}, doubled).loss[0]).epsilon(1e-6));
  const History noisy = losses({.corruption = MaskingNoise{.p = 1}, .augmentation = Doubled{}}, data);
  CHECK(noisy.loss[0] == test::Approx(twice.array().square().mean()).epsilon(1e-6));

  const Augmentation all{RandomTranslation{}, RandomFlip{}, RandomRotation{}, RandomBrightness{}};
  const History first = losses({.augmentation = all}, data), again = losses({.augmentation = all}, data);
  CHECK(first.loss == again.loss);
  CHECK(first.loss[0] != first.loss[1]);
}

}  // namespace test_augmentation
