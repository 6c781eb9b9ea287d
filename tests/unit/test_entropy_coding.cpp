#include <cmath>
#include <eigencoder/applications/frequency_table.hpp>
#include <eigencoder/applications/integer_distribution.hpp>
#include <eigencoder/applications/rans.hpp>
#include <eigencoder/random/philox.hpp>
#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace test_entropy_coding {

using namespace eigencoder;

namespace {

struct Symbol {
  CodeInterval interval;
  int precision;
};

/// What pops that symbol, and fails for another.
std::uint32_t pop(Rans& stack, const Symbol& symbol) {
  return stack.pop(symbol.precision, [&](std::uint32_t slot) {
    REQUIRE(slot - symbol.interval.start < symbol.interval.width);
    return std::pair{slot, symbol.interval};
  });
}

Symbol any_symbol(Random& random) {
  const int precision = 1 + static_cast<int>(random.below(31));
  const std::uint64_t total = std::uint64_t{1} << precision;
  const auto start = static_cast<std::uint32_t>(random.below(total));
  // Widths of all magnitudes, so that the least and the most likely symbols come often.
  const std::uint64_t most = std::min<std::uint64_t>(total - start, std::uint64_t{1} << random.below(32));
  return {{start, static_cast<std::uint32_t>(1 + random.below(most))}, precision};
}

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("bytes: numbers come back, and what is cut short is refused") {
  ByteWriter out;
  out.number(0x0123456789ABCDEF, 8);
  const std::vector<std::uint64_t> numbers{0, 1, 127, 128, 16383, 16384, std::uint64_t{1} << 40};
  for (const std::uint64_t n : numbers) out.short_number(n);
  const std::vector<std::uint8_t> bytes = out.bytes();
  REQUIRE(bytes[0] == 0xEF);
  ByteReader in(bytes);
  REQUIRE(in.number(8) == 0x0123456789ABCDEF);
  for (const std::uint64_t n : numbers) REQUIRE(in.short_number() == n);
  REQUIRE(in.left() == 0);
  REQUIRE_THROWS_WITH(in.byte(), "is truncated");
  const std::vector<std::uint8_t> endless(20, 0xFF);
  REQUIRE_THROWS_WITH(ByteReader(endless).short_number(), "has a number without an end");
}

TEST_CASE("checksum: the check value of its definition") { REQUIRE(checksum(bytes_of("123456789")) == 0xCBF43926); }

TEST_CASE("Rans: any symbols of any precisions come back in reverse, also from bytes") {
  for (int heads = 1; heads <= Rans::max_heads; ++heads) {
    Random random(Seed{static_cast<std::uint64_t>(heads)});
    Rans stack(heads);
    std::vector<Symbol> symbols;
    for (int k = 0; k < 5000; ++k) {
      symbols.push_back(any_symbol(random));
      stack.push(symbols.back().interval, symbols.back().precision);
    }
    Rans read(stack.bytes());
    for (std::size_t k = symbols.size(); k-- > 0;) (void)pop(read, symbols[k]);
    REQUIRE(read.is_empty());
    REQUIRE(Rans(heads).is_empty());
  }
}

TEST_CASE("Rans: the least and the most likely symbols, again and again") {
  for (const int precision : {1, 12, 24, 31}) {
    const std::uint32_t total = 1U << precision;
    for (const CodeInterval interval : {CodeInterval{0, 1}, CodeInterval{total - 1, 1}, CodeInterval{0, total - 1},
                                        CodeInterval{1, total - 1}, CodeInterval{0, total}}) {
      Rans stack(2);
      for (int k = 0; k < 1000; ++k) stack.push(interval, precision);
      for (int k = 0; k < 1000; ++k) (void)pop(stack, {interval, precision});
      REQUIRE(stack.is_empty());
    }
  }
}

TEST_CASE("Rans: what is popped and pushed again leaves the stack as it was: bits back") {
  Random random(Seed{5});
  Rans stack(4, Random(Seed{6}));
  for (int k = 0; k < 100; ++k) stack.push_bits(random() >> 1, 31);
  const std::vector<std::uint8_t> before = stack.bytes();
  std::vector<Symbol> symbols;
  for (int k = 0; k < 70; ++k) {
    // Two symbols of about equal width, whichever the slot falls to.
    const int precision = 2 + static_cast<int>(random.below(30));
    const std::uint32_t half = 1U << (precision - 1);
    symbols.push_back({stack.pop(precision,
                                 [&](std::uint32_t slot) {
                                   const CodeInterval i =
                                       slot < half ? CodeInterval{0, half} : CodeInterval{half, half};
                                   return std::pair{i, i};
                                 }),
                       precision});
  }
  REQUIRE(stack.bytes() != before);
  for (std::size_t k = symbols.size(); k-- > 0;) stack.push(symbols[k].interval, symbols[k].precision);
  REQUIRE(stack.bytes() == before);
}

TEST_CASE("Rans: a stack with a source never ends, one without says so") {
  Rans endless(4, Random(Seed{1}));
  for (int k = 0; k < 1000; ++k) (void)endless.pop_bits(31);
  Rans stack(1);
  stack.push_bits(5, 10);
  REQUIRE(stack.pop_bits(10) == 5);
  REQUIRE_THROWS_WITH(
      [&] {
        for (int k = 0; k < 10; ++k) (void)stack.pop_bits(31);
      }(),
      "the code ends too early");
}

TEST_CASE("Rans: bytes that no stack wrote are refused") {
  Rans stack(2);
  for (int k = 0; k < 100; ++k) stack.push_bits(static_cast<std::uint32_t>(k), 7);
  const std::vector<std::uint8_t> good = stack.bytes();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto part = std::span(good).first(size);
    if (size < 15 || (good.size() - size) % 4 != 0) REQUIRE_THROWS_AS(Rans(part), std::invalid_argument);
  }
  for (const int first : {0x00, 0x90, 0x22}) {
    std::vector<std::uint8_t> bad = good;
    bad[0] = static_cast<std::uint8_t>(first);
    REQUIRE_THROWS_AS(Rans(bad), std::invalid_argument);
  }
  REQUIRE_THROWS_AS(Rans(0), std::invalid_argument);
  REQUIRE_THROWS_AS(Rans(9), std::invalid_argument);
}

TEST_CASE("FrequencyTable: any numbers come back, at about the entropy of those that it knows") {
  Random random(Seed{3});
  for (int spread = 0; spread < 12; ++spread) {
    std::vector<std::int32_t> numbers;
    for (int k = 0; k < 20000; ++k)
      numbers.push_back(static_cast<std::int32_t>(std::lround(random.normal<double>() * std::ldexp(0.02, spread))));
    const FrequencyTable table = FrequencyTable::of(numbers);
    std::uint32_t sum = 0;
    double bits = 0;
    for (const std::uint16_t f : table.frequencies()) sum += f;
    REQUIRE(sum == FrequencyTable::total);
    for (const std::int32_t n : numbers) {
      const auto k = static_cast<std::size_t>(n - table.first());
      if (k < table.frequencies().size() - 1) bits -= std::log2(table.frequencies()[k] / 4096.0);
    }
    Rans stack(4);
    for (const std::int32_t n : numbers) table.push(stack, n);
    REQUIRE(static_cast<double>(stack.bytes().size()) * 8 < 1.01 * bits + 2000);
    for (std::size_t k = numbers.size(); k-- > 0;) REQUIRE(table.pop(stack) == numbers[k]);
    REQUIRE(stack.is_empty());
  }
}

TEST_CASE("FrequencyTable: numbers that it has never seen") {
  const std::vector<std::int32_t> seen{7};
  const FrequencyTable table = FrequencyTable::of(seen);
  const std::vector<std::int32_t> numbers{
      7, 8, 6, 0, -1, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(), 7};
  Rans stack(1);
  for (const std::int32_t n : numbers) table.push(stack, n);
  for (std::size_t k = numbers.size(); k-- > 0;) REQUIRE(table.pop(stack) == numbers[k]);
  REQUIRE(stack.is_empty());
  // A wider range than a table has: what lies far out takes the escape.
  std::vector<std::int32_t> wide;
  for (std::int32_t n = -5000; n <= 5000; ++n) wide.push_back(n);
  const FrequencyTable window = FrequencyTable::of(wide);
  for (const std::int32_t n : wide) window.push(stack, n);
  for (std::size_t k = wide.size(); k-- > 0;) REQUIRE(window.pop(stack) == wide[k]);
}

TEST_CASE("FrequencyTable: what is no distribution is refused") {
  REQUIRE_THROWS_AS(FrequencyTable::of({}), std::invalid_argument);
  for (const std::vector<std::uint16_t>& bad :
       {std::vector<std::uint16_t>{}, {4096}, {4095, 0, 1}, {4095, 2}, {4000, 95}, std::vector<std::uint16_t>(257, 1)})
    REQUIRE_THROWS_AS(FrequencyTable(0, bad), std::invalid_argument);
  REQUIRE_THROWS_AS(FrequencyTable(1 << 30, {4095, 1}), std::invalid_argument);
}

TEST_CASE("integer distribution functions: right to their steps, rising, and the same everywhere") {
  const auto check = [](const fixed_point::Cumulative& f, const auto& exact, double tolerance) {
    double worst = 0;
    std::int64_t last = 0;
    for (std::int64_t t = -30 * fixed_point::unit; t <= 30 * fixed_point::unit; t += 7) {
      const std::int64_t value = f(t);
      REQUIRE(value >= last);
      last = value;
      worst = std::max(worst, std::abs(std::ldexp(static_cast<double>(value), -30) -
                                       exact(static_cast<double>(t) / fixed_point::unit)));
    }
    REQUIRE(worst < tolerance);
    REQUIRE(last == std::int64_t{1} << 30);
    REQUIRE(f(0) == std::int64_t{1} << 29);
  };
  check(fixed_point::logistic, [](double t) { return 1 / (1 + std::exp(-t)); }, 4e-6);
  check(fixed_point::normal, [](double t) { return std::erfc(-t / std::sqrt(2.0)) / 2; }, 8e-6);
  for (const double r : {-9.0, -7.0, -1.5, 0.0, 2.25, 7.0, 9.0}) {
    const auto got = static_cast<double>(fixed_point::inverse_scale(std::lround(r * fixed_point::unit))) / 65536;
    REQUIRE(std::abs(got / std::exp(-std::clamp(r, -7.0, 7.0)) - 1) < 0.01);
  }
  // Compiled by any compiler for any processor, the tables must have these bits.
  ByteWriter all;
  for (const auto& f : {fixed_point::logistic, fixed_point::normal})
    for (std::int64_t t = -22 * 64; t <= 22 * 64; ++t) all.number(static_cast<std::uint64_t>(f(t * 64)), 4);
  for (std::int64_t k = -224; k <= 224; ++k)
    all.number(static_cast<std::uint64_t>(fixed_point::inverse_scale(k * 128)), 4);
  REQUIRE(checksum(all.bytes()) == 0x535A30B1);
}

TEST_CASE("IntegerDistribution: every number has a place, whatever location and scale") {
  Random random(Seed{9});
  const auto edge = [](std::uint32_t k) { return (std::int64_t{k} - 20) * 1000; };
  for (int trial = 0; trial < 300; ++trial) {
    const double size = std::ldexp(1.0, static_cast<int>(random.below(27)));
    const std::int64_t location = std::llround((2 * random.uniform<double>() - 1) * size);
    const std::int64_t scale = fixed_point::inverse_scale(std::llround((16 * random.uniform<double>() - 8) * 4096));
    for (const auto* F : {&fixed_point::logistic, &fixed_point::normal}) {
      const IntegerDistribution distribution(*F, 40, edge, location, scale);
      Rans stack(1);
      for (std::uint32_t k = 0; k < 40; ++k) distribution.push(stack, k);
      for (std::uint32_t k = 40; k-- > 0;) REQUIRE(distribution.pop(stack) == k);
      REQUIRE(stack.is_empty());
      // And every slot belongs to a number.
      for (int slot = 0; slot < 50; ++slot) {
        Rans any(1, Random(Seed{static_cast<std::uint64_t>(slot)}));
        const std::uint32_t k = distribution.pop(any);
        REQUIRE(k < 40);
      }
    }
  }
}

}  // namespace test_entropy_coding
