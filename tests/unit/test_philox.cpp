#include <cmath>
#include <eigencoder/random/lane_random.hpp>
#include <eigencoder/random/philox.hpp>
#include <set>
#include <vector>

#include "support/catch.hpp"

namespace test_philox {

using namespace eigencoder;

TEST_CASE("Philox gives the known answers of its authors") {
  // Random123's kat_vectors: philox4x32, 10 rounds.
  STATIC_REQUIRE(Philox::rounds({0, 0, 0, 0}, {0, 0}) == Philox::Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  STATIC_REQUIRE(Philox::rounds({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) ==
                 Philox::Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  STATIC_REQUIRE(Philox::rounds({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
                 Philox::Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams of different paths differ") {
  const Seed seed{1};
  const std::set<Philox::Block> blocks{Philox(seed).at(0),
                                       Philox(seed).at(0, 1),
                                       Philox(seed, 0).at(0),
                                       Philox(seed, 1).at(0),
                                       Philox(seed, 0, 1).at(0),
                                       Philox(seed, 1, 0).at(0),
                                       Philox(seed, Stream::dropout).at(0),
                                       Philox(Seed{2}).at(0)};
  REQUIRE(blocks.size() == 8);
  REQUIRE(Philox(seed, Stream::dropout, 4).at(7, 9) == Philox(seed, Stream::dropout, 4).at(7, 9));
}

TEMPLATE_TEST_CASE("uniform and normal values have their moments", "", float, double) {
  Random random(Seed{5});
  const int n = 200000;
  double mean = 0, square = 0, normal_mean = 0, normal_square = 0, normal_fourth = 0;
  for (int k = 0; k < n; ++k) {
    const auto u = random.template uniform<TestType>();
    const auto z = static_cast<double>(random.template normal<TestType>());
    REQUIRE((u >= 0 && u < 1));
    mean += static_cast<double>(u) / n;
    square += static_cast<double>(u) * static_cast<double>(u) / n;
    normal_mean += z / n;
    normal_square += z * z / n;
    normal_fourth += z * z * z * z / n;
  }
  REQUIRE(std::abs(mean - 0.5) < 0.003);
  REQUIRE(std::abs(square - 1.0 / 3) < 0.003);
  REQUIRE(std::abs(normal_mean) < 0.01);
  REQUIRE(std::abs(normal_square - 1) < 0.02);
  REQUIRE(std::abs(normal_fourth - 3) < 0.15);
}

TEST_CASE("the largest random word is below 1, and has a finite logarithm") {
  REQUIRE(uniform_of<float>(~0u) < 1);
  REQUIRE(uniform_of<double>(~0u) < 1);
  REQUIRE(std::isfinite(normal_of<float>(0, 0)[0]));
  REQUIRE(normal_of<double>(~0u, 5)[0] == 0);
}

TEST_CASE("bounded integers are unbiased, also for bounds that do not divide 2^64") {
  Random random(Seed{8});
  std::vector<int> count(7);
  for (int k = 0; k < 70000; ++k) ++count[static_cast<std::size_t>(random.below(7))];
  for (const int c : count) REQUIRE(std::abs(c - 10000) < 500);
  REQUIRE(random.below(1) == 0);
  // More than half of all words lie above this bound's only multiple: they must be drawn again.
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;
  for (int k = 0; k < 100; ++k) REQUIRE(random.below(large) < large);
}

TEST_CASE("shuffling makes every order equally often") {
  Random random(Seed{2});
  std::vector<int> count(6);
  for (int k = 0; k < 12000; ++k) {
    std::vector<int> order{0, 1, 2};
    random.shuffle(order);
    ++count[static_cast<std::size_t>(order[0] * 2 + (order[1] > order[2]))];
  }
  for (const int c : count) REQUIRE(std::abs(c - 2000) < 200);
}

TEST_CASE("a lane's random numbers are those of its sample, whatever the lane") {
  using Pack = eigencoder::Pack<float, 2>;
  std::vector<Index> samples(static_cast<std::size_t>(Pack::lanes));
  for (std::size_t l = 0; l < samples.size(); ++l) samples[l] = static_cast<Index>(100 + l);
  std::vector<Index> reversed(samples.rbegin(), samples.rend());
  const Philox philox(Seed{3}, Stream::corruption, 1);
  LaneRandom<Pack> forward(philox, samples), backward(philox, reversed);
  forward.draw(17);
  backward.draw(17);
  for (int word = 0; word < 4; ++word) {
    alignas(simd::alignment) float a[Pack::lanes], b[Pack::lanes];
    forward.uniform(word).store(a);
    backward.uniform(word).store(b);
    for (int l = 0; l < Pack::lanes; ++l) {
      REQUIRE(a[l] == b[Pack::lanes - 1 - l]);
      REQUIRE(a[l] ==
              uniform_of<float>(philox.at(17, static_cast<std::uint64_t>(100 + l))[static_cast<std::size_t>(word)]));
    }
  }
  LaneRandom<Pack> few(philox, std::span(samples).first(1));  // a last micro-batch
  few.draw(17);
  REQUIRE(std::isfinite(sum(few.uniform(0))));
}

}  // namespace test_philox
