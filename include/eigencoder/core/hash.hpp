#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <eigencoder/core/target.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A 64-bit hash of bytes, which tells whether they are what they were; it is no protection against forgery.
///
/// For each word w of 8 bytes, h = (h ^ w) p, then h ^= h >> 32, with the odd p of FNV-1a; the number of bytes is the
/// last word. Each of the steps can be undone, so that two inputs that differ in one word never have one hash. Where
/// the input is cut into calls of `add` counts, too.
class Hash {
 public:
  void add(std::string_view bytes) {
    const std::uint64_t size = bytes.size();
    for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) mix(word(bytes));
    if (!bytes.empty()) mix(word(bytes));
    mix(size);
  }
  template <class Value>
  void add(std::span<const Value> values) {
    static_assert(std::is_arithmetic_v<Value>, "Hash: only numbers are the bytes that they consist of");
    add(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  }

  [[nodiscard]] std::uint64_t value() const { return value_; }
  /// 16 hexadecimal digits.
  [[nodiscard]] std::string text() const {
    std::string digits(16, '0');
    for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = "0123456789abcdef"[value_ >> (60 - 4 * i) & 15];
    return digits;
  }

 private:
  /// The first 8 bytes, or what there is.
  static std::uint64_t word(std::string_view bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof word));
    return word;
  }
  void mix(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x100000001b3;
    value_ ^= value_ >> 32;
  }

  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// The hash of all of a model's parameters, 16 hexadecimal digits.
template <class Model>
[[nodiscard]] std::string parameter_hash(const Model& model) {
  Hash hash;
  hash.add(model.parameters());
  return hash.text();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
