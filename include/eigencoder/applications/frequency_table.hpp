#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <eigencoder/applications/rans.hpp>
#include <eigencoder/core/target.hpp>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A distribution of whole numbers for Rans, in integers: the numbers first ... first + n - 1 have frequencies out of
/// 4096, all at least 1, and so has the escape, after which any other number follows in 32 bits.
///
/// Frequencies are numbers of a file and not computed from a network's output, so coder and decoder cannot disagree.
class FrequencyTable {
 public:
  static constexpr int precision = 12;
  static constexpr std::uint32_t total = 1U << precision;
  /// The most numbers that a table has a frequency for.
  static constexpr std::size_t max_symbols = 255;

  /// The frequencies of first, first + 1 ... and, as the last, that of the escape.
  /// Throws std::invalid_argument unless there are 2 to 256, all at least 1, with the sum 4096.
  FrequencyTable(std::int32_t first, std::vector<std::uint16_t> frequencies)
      : first_(first), frequencies_(std::move(frequencies)) {
    const auto require = [](bool good, const std::string& what) {
      if (!good) throw std::invalid_argument("FrequencyTable: " + what);
    };
    require(frequencies_.size() >= 2 && frequencies_.size() <= max_symbols + 1,
            std::to_string(frequencies_.size()) + " frequencies; expected 2 to " + std::to_string(max_symbols + 1));
    require(first >= -limit && first <= limit, "the first symbol is " + std::to_string(first));
    std::uint32_t next = 0;
    for (std::size_t k = 0; k < frequencies_.size(); ++k) {
      require(frequencies_[k] >= 1 && next + frequencies_[k] <= total, "the frequencies' sum is not 4096, or one is 0");
      intervals_.push_back({next, frequencies_[k]});
      std::fill_n(symbols_.begin() + next, frequencies_[k], static_cast<std::uint8_t>(k));
      next += frequencies_[k];
    }
    require(next == total, "the frequencies' sum is " + std::to_string(next) + "; expected 4096");
  }

  /// The table nearest to how often numbers are seen: of these, all at least once, none too rare to fill a table.
  /// Throws std::invalid_argument if there are none.
  [[nodiscard]] static FrequencyTable of(std::span<const std::int32_t> numbers) {
    if (numbers.empty()) throw std::invalid_argument("FrequencyTable: no numbers to count");
    const auto [least, most] = window(numbers);
    std::vector<double> counts(static_cast<std::size_t>(most - least) + 2);
    for (const std::int32_t number : numbers)
      ++counts[number < least || number > most ? counts.size() - 1 : static_cast<std::size_t>(number - least)];
    return {least, shared_out(counts)};
  }

  [[nodiscard]] std::int32_t first() const { return first_; }
  [[nodiscard]] std::span<const std::uint16_t> frequencies() const { return frequencies_; }

  void push(Rans& stack, std::int32_t number) const {
    const std::int64_t k = std::int64_t{number} - first_;
    if (k >= 0 && k < static_cast<std::int64_t>(escape())) {
      stack.push(intervals_[static_cast<std::size_t>(k)], precision);
    } else {
      const auto raw = static_cast<std::uint32_t>(number);
      stack.push_bits(raw & 0xFFFF, 16);
      stack.push_bits(raw >> 16, 16);
      stack.push(intervals_[escape()], precision);
    }
  }

  [[nodiscard]] std::int32_t pop(Rans& stack) const {
    const std::size_t k = stack.pop(precision, [&](std::uint32_t slot) {
      const std::size_t symbol = symbols_[slot];
      return std::pair{symbol, intervals_[symbol]};
    });
    if (k < escape()) return first_ + static_cast<std::int32_t>(k);
    const std::uint32_t high = stack.pop_bits(16);
    return static_cast<std::int32_t>(high << 16 | stack.pop_bits(16));
  }

 private:
  static constexpr std::int32_t limit = 1 << 24;

  [[nodiscard]] std::size_t escape() const { return frequencies_.size() - 1; }

  /// The narrowest range around the median that leaves out one number in 4096 at most, but of no more than a table's.
  static std::pair<std::int32_t, std::int32_t> window(std::span<const std::int32_t> numbers) {
    std::vector<std::int32_t> sorted;
    for (const std::int32_t number : numbers) sorted.push_back(std::clamp(number, -limit, limit));
    std::ranges::sort(sorted);
    const std::size_t outside = sorted.size() / (2 * total);
    std::int32_t least = sorted[outside], most = sorted[sorted.size() - 1 - outside];
    const std::int32_t median = sorted[sorted.size() / 2];
    constexpr auto half = static_cast<std::int32_t>(max_symbols / 2);
    least = std::max(least, median - half);
    most = std::min(most, median + half);
    return {least, most};
  }

  /// Whole frequencies in proportion to the counts, at least 1 each, with the sum `total`: what rounding leaves goes to
  /// where a step changes the code's length, count x log(frequency), most.
  static std::vector<std::uint16_t> shared_out(std::span<const double> counts) {
    double sum = 0;
    for (const double count : counts) sum += count;
    std::vector<std::uint16_t> frequencies;
    std::uint32_t given = 0;
    for (const double count : counts) {
      frequencies.push_back(static_cast<std::uint16_t>(std::max(1.0, std::floor(count / sum * (total - 1.0)))));
      given += frequencies.back();
    }
    while (given != total) {
      const bool more = given < total;
      std::size_t best = 0;
      double most = -std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; k < counts.size(); ++k) {
        const double f = frequencies[k];
        if (!more && f <= 1) continue;
        const double gain = more ? counts[k] * std::log1p(1 / f) : counts[k] * std::log1p(-1 / f);
        if (gain > most) {
          most = gain;
          best = k;
        }
      }
      frequencies[best] = static_cast<std::uint16_t>(more ? frequencies[best] + 1 : frequencies[best] - 1);
      given = more ? given + 1 : given - 1;
    }
    return frequencies;
  }

  std::int32_t first_;
  std::vector<std::uint16_t> frequencies_;
  std::vector<CodeInterval> intervals_;
  std::array<std::uint8_t, total> symbols_{};
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
