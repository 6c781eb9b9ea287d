#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <eigencoder/applications/bytes.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The part of [0, 2^precision) that stands for a symbol: `width` / 2^precision is its probability.
struct CodeInterval {
  std::uint32_t start = 0;
  std::uint32_t width = 0;
};

/// A stack of symbols that takes log2(1 / probability) bits for each: range asymmetric numeral systems.
///
/// A head is a number x in [2^31, 2^63). With the symbol's interval [start, start + width) out of 2^precision,
///
///   push: x <- floor(x / width) 2^precision + start + x mod width;
///   pop:  slot = x mod 2^precision tells the symbol, then x <- width floor(x / 2^precision) + slot - start,
///
/// and words of 32 bits move between the head and the stack below it so that x keeps its range. Pop is the exact
/// inverse of push, in both directions: popping what was never pushed draws from the distribution, and pushing it
/// again gives the bits back. Heads take turns, so that the processor works at several symbols at a time.
///
/// All is done in integers: the bytes are the same on every machine.
/// Sources: Duda, "Asymmetric numeral systems", 2013; heads in turn: Giesen, "Interleaved entropy coders", 2014.
class Rans {
 public:
  static constexpr int max_precision = 31;
  static constexpr int max_heads = 8;
  /// A head that holds nothing.
  static constexpr std::uint64_t empty = std::uint64_t{1} << 31;

  /// An empty stack. One with a `source` is never empty: what is popped below its bottom are random words, and its
  /// heads start with some.
  explicit Rans(int heads, std::optional<Random> source = {}) : heads_(check_heads(heads)), source_(source) {
    states_.fill(empty);
    if (source_)
      for (std::uint64_t& x : states_) x = empty | (*source_)() >> 1;
  }

  /// The stack that `bytes()` wrote. Throws std::invalid_argument if that cannot have been.
  explicit Rans(std::span<const std::uint8_t> bytes) {
    ByteReader in(bytes);
    const int packed = in.byte();
    heads_ = static_cast<std::size_t>(packed >> 4);
    turn_ = static_cast<std::size_t>(packed & 15);
    if (heads_ < 1 || heads_ > max_heads || turn_ >= heads_)
      throw std::invalid_argument("the code's heads are damaged");
    for (std::size_t h = 0; h < heads_; ++h) {
      const int size = in.byte();
      if (size < 4 || size > 8) throw std::invalid_argument("the code's heads are damaged");
      states_[h] = in.number(size);
      if (states_[h] < empty || states_[h] >> 63 != 0) throw std::invalid_argument("the code's heads are damaged");
    }
    if (in.left() % 4 != 0) throw std::invalid_argument("the code is not a whole number of words");
    words_.resize(in.left() / 4);
    for (std::uint32_t& word : words_) word = static_cast<std::uint32_t>(in.number(4));
  }

  /// The stack as bytes, little-endian: a byte with the number of heads and whose turn it is, each head with its
  /// size before it, then the words from the bottom up.
  [[nodiscard]] std::vector<std::uint8_t> bytes() const {
    ByteWriter out;
    out.byte(static_cast<std::uint8_t>(heads_ << 4 | turn_));
    for (std::size_t h = 0; h < heads_; ++h) {
      const int size = (static_cast<int>(std::bit_width(states_[h])) + 7) / 8;
      out.byte(static_cast<std::uint8_t>(size));
      out.number(states_[h], size);
    }
    for (const std::uint32_t word : words_) out.number(word, 4);
    return std::move(out).bytes();
  }

  /// Pushes a symbol; 1 <= width, start + width <= 2^precision, and not all of it.
  void push(CodeInterval symbol, int precision) {
    std::uint64_t x = states_[turn_];
    if (x >> (63 - precision) >= symbol.width) {
      words_.push_back(static_cast<std::uint32_t>(x));
      x >>= 32;
    }
    const std::uint64_t quotient = x / symbol.width;
    states_[turn_] = (quotient << precision) + symbol.start + (x - quotient * symbol.width);
    turn_ = turn_ + 1 == heads_ ? 0 : turn_ + 1;
  }

  /// Pops the symbol that `find(slot)` gives: a pair of the symbol and its CodeInterval, which must contain the slot.
  /// Throws std::invalid_argument if the stack has no more words.
  template <class Find>
  auto pop(int precision, const Find& find) {
    turn_ = (turn_ == 0 ? heads_ : turn_) - 1;
    const std::uint64_t x = states_[turn_];
    const auto slot = static_cast<std::uint32_t>(x & ((std::uint64_t{1} << precision) - 1));
    const auto [symbol, interval] = find(slot);
    std::uint64_t next = interval.width * (x >> precision) + slot - interval.start;
    if (next < empty) next = next << 32 | take_word();
    states_[turn_] = next;
    return symbol;
  }

  /// Exchanges the lowest 31 bits of what would be popped next for others, a function of them and `key`; a second time
  /// with the same key, it takes that back. So what is popped next does not depend on what was pushed last.
  void stir(std::uint32_t key) { states_[(turn_ == 0 ? heads_ : turn_) - 1] ^= key >> 1; }

  /// Whether all that was pushed has been popped.
  [[nodiscard]] bool is_empty() const {
    return words_.empty() && std::all_of(states_.begin(), states_.begin() + static_cast<std::ptrdiff_t>(heads_),
                                         [](std::uint64_t x) { return x == empty; });
  }

  /// As many bits as a symbol has, all values equally likely: bits <= max_precision.
  void push_bits(std::uint32_t value, int bits) { push({value, 1}, bits); }
  std::uint32_t pop_bits(int bits) {
    return pop(bits, [](std::uint32_t slot) { return std::pair{slot, CodeInterval{slot, 1}}; });
  }

 private:
  static std::size_t check_heads(int heads) {
    if (heads < 1 || heads > max_heads)
      throw std::invalid_argument("Rans: " + std::to_string(heads) + " heads; expected 1 to " +
                                  std::to_string(max_heads));
    return static_cast<std::size_t>(heads);
  }

  std::uint32_t take_word() {
    if (words_.empty()) {
      if (!source_) throw std::invalid_argument("the code ends too early");
      return (*source_)();
    }
    const std::uint32_t word = words_.back();
    words_.pop_back();
    return word;
  }

  std::size_t heads_;
  std::size_t turn_ = 0;
  std::array<std::uint64_t, max_heads> states_{};
  std::vector<std::uint32_t> words_;
  std::optional<Random> source_{};
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
