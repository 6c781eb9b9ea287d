#pragma once

#include <bit>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// A message in Protocol Buffers' wire format: fields one after the other, each a key, its number and kind, and a
/// value. Source: "Encoding" in the documentation of Protocol Buffers.
class ProtobufMessage {
 public:
  /// A field of type int64, or of an enumeration.
  ProtobufMessage& integer(int field, std::int64_t value) {
    key(field, 0);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  ProtobufMessage& number(int field, float value) { return fixed(field, 5, std::bit_cast<std::uint32_t>(value)); }
  ProtobufMessage& number(int field, double value) { return fixed(field, 1, std::bit_cast<std::uint64_t>(value)); }
  ProtobufMessage& text(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  ProtobufMessage& message(int field, const ProtobufMessage& value) { return text(field, value.bytes_); }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, unsigned kind) { varint(static_cast<std::uint64_t>(field) << 3 | kind); }
  template <class Bits>
  ProtobufMessage& fixed(int field, unsigned kind, Bits bits) {
    key(field, kind);
    for (std::size_t shift = 0; shift < 8 * sizeof bits; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xff);
    return *this;
  }
  /// Seven bits a byte, the lowest first; all but the last byte have the eighth bit set.
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
