#include <cmath>
#include <eigencoder/layers/options/initializers.hpp>
#include <eigencoder/random/philox.hpp>
#include <vector>

#include "support/catch.hpp"

namespace test_initializers {

using namespace eigencoder;

namespace {

struct Moments {
  double mean = 0, variance = 0, largest = 0;
};

template <class Initializer>
Moments moments(Initializer initializer, Index fan_in, Index fan_out) {
  std::vector<float> values(100000);
  Random random(Seed{3});
  initializer.fill(std::span(values), fan_in, fan_out, random);
  Moments m;
  for (const float value : values) {
    const auto v = static_cast<double>(value);
    m.mean += v / 1e5;
    m.variance += v * v / 1e5;
    m.largest = std::max(m.largest, std::abs(v));
  }
  return m;
}

}  // namespace

TEST_CASE("random initialisers have Keras's variances and limits") {
  const auto check = [](auto initializer, double variance, double limit) {
    const Moments m = moments(initializer, 100, 50);
    REQUIRE(std::abs(m.mean) < 0.01 * std::sqrt(variance));
    REQUIRE(m.variance == test::Approx(variance).epsilon(0.02));
    REQUIRE(m.largest <= limit * (1 + 1e-6));
    REQUIRE(m.largest > 0.98 * limit);
  };
  // A normal distribution cut at two sigmas has 0.8796 of sigma: sigma is larger by so much, and the limit two of it.
  const double widened = 2 / 0.87962566103423978;
  check(glorot_uniform, 2.0 / 150, std::sqrt(6.0 / 150));
  check(glorot_normal, 2.0 / 150, widened * std::sqrt(2.0 / 150));
  check(he_uniform, 2.0 / 100, std::sqrt(6.0 / 100));
  check(he_normal, 2.0 / 100, widened * std::sqrt(2.0 / 100));
  check(lecun_uniform, 1.0 / 100, std::sqrt(3.0 / 100));
  check(lecun_normal, 1.0 / 100, widened * std::sqrt(1.0 / 100));
}

TEST_CASE("constant initialisers") {
  REQUIRE(moments(zeros, 1, 1).largest == 0);
  REQUIRE(moments(ones, 1, 1).mean == test::Approx(1));
  REQUIRE(moments(constant(0.25), 1, 1).mean == test::Approx(0.25));
}

TEST_CASE("float and double models of one seed start from the same weights") {
  std::vector<float> single(50);
  std::vector<double> twice(50);
  Random a(Seed{9}), b(Seed{9});
  he_normal.fill(std::span(single), 7, 5, a);
  he_normal.fill(std::span(twice), 7, 5, b);
  for (std::size_t k = 0; k < single.size(); ++k) REQUIRE(single[k] == static_cast<float>(twice[k]));
}

}  // namespace test_initializers
