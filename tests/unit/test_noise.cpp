#include <algorithm>
#include <cmath>
#include <eigencoder/noise/corruption.hpp>
#include <eigencoder/noise/noise.hpp>
#include <eigencoder/noise/poisson_noise.hpp>
#include <eigencoder/noise/random_level.hpp>
#include <vector>

#include "support/catch.hpp"

namespace test_noise {

using namespace eigencoder;

namespace {

const Philox stream(Seed{6}, Stream::corruption, 1);

template <class Scalar, class Noise>
std::vector<Scalar> corrupted(const Noise& noise, std::vector<Scalar> values, std::ptrdiff_t sample,
                              const Philox& from = stream) {
  noise.apply(std::span(values), 0, sample, from);
  return values;
}

const GaussianNoise gaussian{.stddev = 0.5};

}  // namespace

TEMPLATE_TEST_CASE("Gaussian noise has its mean, deviation and kurtosis", "", float, double) {
  double mean = 0, square = 0, fourth = 0, product = 0;
  const int samples = 300, size = 784;
  for (int sample = 0; sample < samples; ++sample) {
    const auto x = corrupted(gaussian, std::vector<TestType>(size, TestType(0.25)), sample);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const double e = static_cast<double>(x[k]) - 0.25;
      mean += e / (samples * size);
      square += e * e / (samples * size);
      fourth += e * e * e * e / (samples * size);
      if (k >= 32) product += e * (static_cast<double>(x[k - 32]) - 0.25) / (samples * size);
    }
  }
  REQUIRE(mean == test::Approx(0).margin(0.005));
  REQUIRE(square == test::Approx(0.25).epsilon(0.01));
  REQUIRE(fourth == test::Approx(3 * 0.0625).epsilon(0.03));
  REQUIRE(product == test::Approx(0).margin(0.005));  // of the two values that one pair of words gives
}

TEST_CASE("noise is the same whatever stretch of a sample is asked for, and in float and double") {
  const auto whole = corrupted(gaussian, std::vector<float>(300, 0.5f), 9);
  std::vector<float> parts(300, 0.5f);
  const std::size_t cuts[] = {0, 1, 37, 64, 100, 256, 300};
  for (std::size_t k = 0; k + 1 < std::size(cuts); ++k)
    gaussian.apply(std::span(parts).subspan(cuts[k], cuts[k + 1] - cuts[k]), static_cast<std::ptrdiff_t>(cuts[k]), 9,
                   stream);
  REQUIRE(whole == parts);
  const auto precise = corrupted(gaussian, std::vector<double>(300, 0.5), 9);
  for (std::size_t k = 0; k < 300; ++k) REQUIRE(static_cast<double>(whole[k]) == test::Approx(precise[k]).margin(1e-5));
}

TEST_CASE("noise differs with the sample, the epoch and the feature") {
  const std::vector<double> x(784, 0.5);
  const auto base = corrupted(gaussian, x, 9);
  REQUIRE(base == corrupted(gaussian, x, 9));
  REQUIRE(base != corrupted(gaussian, x, 10));
  REQUIRE(base != corrupted(gaussian, x, 9, Philox(Seed{6}, Stream::corruption, 2)));
  int equal = 0;
  for (std::size_t k = 64; k < base.size(); ++k) equal += base[k] == base[k - 64];
  REQUIRE(equal == 0);
}

TEST_CASE("Gaussian noise is clipped to [0, 1] if told so") {
  const auto range = [](const GaussianNoise& noise) {
    const auto values = corrupted(noise, std::vector<double>(784, 0.5), 1);
    return std::pair(*std::ranges::min_element(values), *std::ranges::max_element(values));
  };
  REQUIRE(range({.stddev = 0.5, .clip = true}) == std::pair(0.0, 1.0));
  const auto [smallest, largest] = range({.stddev = 0.5});
  REQUIRE(smallest < 0);
  REQUIRE(largest > 1);
}

TEMPLATE_TEST_CASE("no noise moves what it leaves alone, wherever that lies", "", float, double) {
  const std::vector<TestType> standardised{-3, TestType(-0.5), 2, TestType(4.5)};
  REQUIRE(corrupted(GaussianNoise{.stddev = 0}, standardised, 1) == standardised);
  REQUIRE(corrupted(MaskingNoise{.p = 0}, standardised, 1) == standardised);
  REQUIRE(corrupted(SaltAndPepper{.p = 0}, standardised, 1) == standardised);
  for (const auto value : corrupted(MaskingNoise{.p = 0.5}, std::vector<TestType>(784, -3), 1))
    REQUIRE((value == 0 || value == -3));
  for (const auto value : corrupted(SaltAndPepper{.p = 0.5}, std::vector<TestType>(784, -3), 1))
    REQUIRE((value == 0 || value == 1 || value == -3));
}

TEMPLATE_TEST_CASE("masking and salt-and-pepper strike with their probability", "", float, double) {
  double masked = 0, salt = 0, pepper = 0;
  const int samples = 100, size = 784;
  for (int sample = 0; sample < samples; ++sample) {
    for (const auto value : corrupted(MaskingNoise{.p = 0.3}, std::vector<TestType>(size, TestType(0.5)), sample)) {
      REQUIRE((value == TestType(0) || value == TestType(0.5)));
      masked += (value == TestType(0)) / double{samples * size};
    }
    for (const auto value : corrupted(SaltAndPepper{.p = 0.2}, std::vector<TestType>(size, TestType(0.5)), sample)) {
      salt += (value == TestType(1)) / double{samples * size};
      pepper += (value == TestType(0)) / double{samples * size};
    }
  }
  REQUIRE(masked == test::Approx(0.3).epsilon(0.03));
  REQUIRE(salt == test::Approx(0.1).epsilon(0.05));
  REQUIRE(pepper == test::Approx(0.1).epsilon(0.05));
}

TEST_CASE("noise at its limits") {
  const std::vector<double> x(100, 0.5);
  REQUIRE(corrupted(GaussianNoise{.stddev = 0}, x, 1) == x);
  REQUIRE(corrupted(MaskingNoise{.p = 0}, x, 1) == x);
  REQUIRE(corrupted(MaskingNoise{.p = 1}, x, 1) == std::vector<double>(100, 0.0));
  REQUIRE(corrupted(SaltAndPepper{.p = 0}, x, 1) == x);
  for (const double value : corrupted(SaltAndPepper{.p = 1}, x, 1)) REQUIRE(value != 0.5);
}

TEST_CASE("noise is checked where it becomes an option") {
  const auto message = [](auto noise) {
    return test::message_of<std::invalid_argument>([&] { (void)Corruption(noise); });
  };
  REQUIRE_THAT(message(GaussianNoise{.stddev = -1}), test::contains("GaussianNoise: stddev is -1"));
  REQUIRE_THAT(message(GaussianNoise{.stddev = std::nan("")}), test::contains("GaussianNoise: stddev is"));
  REQUIRE_THAT(message(MaskingNoise{.p = 1.5}), test::contains("MaskingNoise: p is 1.5"));
  REQUIRE_THAT(message(SaltAndPepper{.p = -0.5}), test::contains("SaltAndPepper: p is -0.5"));
}

TEST_CASE("Poisson noise has its mean and variance, for few photons and for many") {
  for (const double photons : {0.3, 3.0, 31.0, 33.0, 400.0}) {
    const double peak = 2 * photons;
    double mean = 0, square = 0;
    const int samples = 300, size = 784;
    for (int sample = 0; sample < samples; ++sample)
      for (const double x : corrupted(PoissonNoise{.peak = peak}, std::vector<double>(size, 0.5), sample)) {
        REQUIRE(x * peak == test::Approx(std::round(x * peak)).margin(1e-9));
        mean += x * peak / (samples * size);
        square += x * peak * x * peak / (samples * size);
      }
    REQUIRE(mean == test::Approx(photons).epsilon(0.01));
    REQUIRE(square - mean * mean == test::Approx(photons).epsilon(0.02));
  }
}

TEST_CASE("Poisson noise leaves black as it is, and clips at white") {
  for (const float x : corrupted(PoissonNoise{.peak = 3}, std::vector<float>(100, 0.0F), 0)) REQUIRE(x == 0);
  const auto white = corrupted(PoissonNoise{.peak = 3, .clip = true}, std::vector<float>(1000, 1.0F), 0);
  REQUIRE(*std::max_element(white.begin(), white.end()) == 1);
  REQUIRE(*std::min_element(white.begin(), white.end()) < 0.5F);
  REQUIRE_THROWS_AS(Corruption(PoissonNoise{.peak = 0}), std::invalid_argument);
}

TEST_CASE("each sample has a level of its own, all of its values the same") {
  const RandomLevel noise{.noise = [](double p) { return MaskingNoise{.p = p}; }, .from = 0.2, .to = 0.6};
  double least = 1, most = 0, mean = 0;
  const int samples = 400;
  for (int sample = 0; sample < samples; ++sample) {
    const auto x = corrupted(noise, std::vector<float>(6400, 1.0F), sample);
    const double p = static_cast<double>(std::count(x.begin(), x.end(), 0.0F)) / 6400;
    least = std::min(least, p);
    most = std::max(most, p);
    mean += p / samples;
    std::vector<float> part(100, 1.0F);
    noise.apply(std::span(part), 300, sample, stream);
    REQUIRE(std::equal(part.begin(), part.end(), x.begin() + 300));
  }
  REQUIRE(mean == test::Approx(0.4).epsilon(0.05));
  REQUIRE(least == test::Approx(0.2).margin(0.03));
  REQUIRE(most == test::Approx(0.6).margin(0.03));
}

TEST_CASE("a random level needs a noise and a range") {
  REQUIRE_THROWS_AS(Corruption(RandomLevel{}), std::invalid_argument);
  const auto gaussian_of = [](double stddev) { return GaussianNoise{.stddev = stddev}; };
  REQUIRE_THROWS_AS(Corruption(RandomLevel{gaussian_of, 0.2, 0.1}), std::invalid_argument);
  REQUIRE_THROWS_AS(Corruption(RandomLevel{gaussian_of, -0.1, 0.1}), std::invalid_argument);
}

}  // namespace test_noise
