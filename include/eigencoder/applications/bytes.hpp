#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Writes numbers as bytes, little-endian on every machine.
class ByteWriter {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(value); }
  /// The lowest `size` bytes of a number.
  void number(std::uint64_t value, int size) {
    for (int k = 0; k < size; ++k) byte(static_cast<std::uint8_t>(value >> 8 * k));
  }
  /// Seven bits a byte, the lowest first, the highest bit telling that more follow: small numbers take one byte.
  void short_number(std::uint64_t value) {
    for (; value >= 128; value >>= 7) byte(static_cast<std::uint8_t>(value | 128));
    byte(static_cast<std::uint8_t>(value));
  }
  void append(std::span<const std::uint8_t> more) {
    for (const std::uint8_t value : more) byte(value);
  }

  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const& { return bytes_; }
  [[nodiscard]] std::vector<std::uint8_t> bytes() && { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Reads what a ByteWriter wrote. Throws std::invalid_argument where the bytes end too early.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  [[nodiscard]] std::span<const std::uint8_t> take(std::size_t count) {
    if (count > bytes_.size()) throw std::invalid_argument("is truncated");
    return std::exchange(bytes_, bytes_.subspan(count)).first(count);
  }
  [[nodiscard]] std::uint8_t byte() { return take(1)[0]; }
  [[nodiscard]] std::uint64_t number(int size) {
    std::uint64_t value = 0;
    int shift = 0;
    for (const std::uint8_t b : take(static_cast<std::size_t>(size))) {
      value |= std::uint64_t{b} << shift;
      shift += 8;
    }
    return value;
  }
  [[nodiscard]] std::uint64_t short_number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const std::uint8_t b = byte();
      value |= std::uint64_t{b & 127U} << shift;
      if (b < 128) return value;
    }
    throw std::invalid_argument("has a number without an end");
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// The cyclic redundancy check of Ethernet, gzip and PNG: 32 bits that tell any one damaged stretch of up to 32 bits,
/// and any other damage but for one in 2^32. Source: ITU-T V.42; check value: that of "123456789" is 0xCBF43926.
[[nodiscard]] inline std::uint32_t checksum(std::span<const std::uint8_t> bytes) {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t n = 0; n < 256; ++n) {
      std::uint32_t c = n;
      for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1U) != 0 ? 0xEDB88320U : 0U);
      t[n] = c;
    }
    return t;
  }();
  std::uint32_t c = ~std::uint32_t{0};
  for (const std::uint8_t b : bytes) c = table[(c ^ b) & 255U] ^ (c >> 8);
  return ~c;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
