#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <eigencoder/applications/bytes.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Compressed images as a file, little-endian:
///
///   "EGC", version, kind, fingerprint of the model (4 bytes), number of images, height, width, channels,
///   the codec's own bytes, CRC-32 of all before (4 bytes).
///
/// The four counts are short numbers (ByteWriter), so that a header of small images takes 17 bytes with its checksum.
struct CodeFile {
  static constexpr std::array<std::uint8_t, 3> magic{'E', 'G', 'C'};
  static constexpr std::uint8_t version = 1;

  /// What wrote the payload: a letter for each codec.
  std::uint8_t kind = 0;
  std::uint32_t fingerprint = 0;
  Index count = 0;
  Shape shape{};
  std::vector<std::uint8_t> payload{};

  [[nodiscard]] std::vector<std::uint8_t> bytes() const {
    ByteWriter out;
    out.append(magic);
    out.byte(version);
    out.byte(kind);
    out.number(fingerprint, 4);
    for (const Index n : {count, shape.height, shape.width, shape.channels})
      out.short_number(static_cast<std::uint64_t>(n));
    out.append(payload);
    out.number(checksum(out.bytes()), 4);
    return std::move(out).bytes();
  }

  /// Reads a file that a codec of this kind wrote with the model of this fingerprint, for images of `pixels` values.
  /// Throws std::invalid_argument that says why it is not one.
  [[nodiscard]] static CodeFile read(std::span<const std::uint8_t> bytes, std::uint8_t kind, std::uint32_t fingerprint,
                                     Index pixels) {
    if (bytes.size() < magic.size() || !std::equal(magic.begin(), magic.end(), bytes.begin()))
      throw std::invalid_argument("is no file of compressed images");
    if (bytes.size() < magic.size() + 2 + 4 + 4 + 4) throw std::invalid_argument("is truncated");
    const auto body = bytes.first(bytes.size() - 4);
    ByteReader in(body.subspan(magic.size()));
    const int written = in.byte();
    if (written != version)
      throw std::invalid_argument("has format version " + std::to_string(written) + ", expected " +
                                  std::to_string(version));
    if (ByteReader(bytes.last(4)).number(4) != checksum(body))
      throw std::invalid_argument("is truncated or damaged: its checksum does not match");
    CodeFile file;
    file.kind = in.byte();
    if (file.kind != kind)
      throw std::invalid_argument(std::string("was written by another codec: its kind is ") +
                                  std::to_string(file.kind) + ", expected " + std::to_string(kind));
    file.fingerprint = static_cast<std::uint32_t>(in.number(4));
    if (file.fingerprint != fingerprint) throw std::invalid_argument("was compressed with another model");
    const std::uint64_t count = in.short_number();
    if (count >= std::uint64_t{1} << 40) throw std::invalid_argument("has an impossibly large number of images");
    file.count = static_cast<Index>(count);
    file.shape = {dimension(in, "height"), dimension(in, "width"), dimension(in, "number of channels")};
    if (!file.shape.is_valid() || file.shape.size() != pixels)
      throw std::invalid_argument("has images of shape " + to_string(file.shape) + ", the model takes " +
                                  std::to_string(pixels) + " values");
    const auto rest = in.take(in.left());
    file.payload.assign(rest.begin(), rest.end());
    return file;
  }

 private:
  static Index dimension(ByteReader& in, const char* what) {
    const std::uint64_t n = in.short_number();
    if (n >= 1U << 20) throw std::invalid_argument(std::string("has an impossibly large ") + what);
    return static_cast<Index>(n);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
