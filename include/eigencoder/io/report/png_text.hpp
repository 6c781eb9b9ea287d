#pragma once

#include <array>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/plot/canvas.hpp>
#include <string>
#include <string_view>

/// Pictures within a text, for pages that are one file.
namespace eigencoder::inline EIGENCODER_TARGET::report {

/// Bytes as text. Source: RFC 4648, section 4.
[[nodiscard]] inline std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j)
      word = word << 8 | (k + j < bytes.size() ? static_cast<unsigned char>(bytes[k + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) text += k + j > bytes.size() ? '=' : digits[word >> (18 - 6 * j) & 63];
  }
  return text;
}

/// The checksum of a PNG file's chunks. Source: PNG specification, annex D.
[[nodiscard]] inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

/// The checksum of a zlib stream. Source: RFC 1950.
[[nodiscard]] inline std::uint32_t adler32(std::string_view bytes) {
  constexpr std::uint32_t base = 65521;
  std::uint32_t a = 1, b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % base;
    b = (b + a) % base;
  }
  return b << 16 | a;
}

inline void append_big_endian(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 255);
}

inline void append_chunk(std::string& to, std::string_view type, std::string_view data) {
  append_big_endian(to, static_cast<std::uint32_t>(data.size()));
  std::string body(type);
  body.append(data);
  to.append(body);
  append_big_endian(to, crc32(body));
}

/// A zlib stream of blocks that are stored, not packed.
inline std::string stored(std::string_view bytes) {
  std::string stream = "\x78\x01";
  const std::uint32_t checksum = adler32(bytes);
  do {
    constexpr std::size_t most = 65535;
    const std::string_view block = bytes.substr(0, most);
    bytes.remove_prefix(block.size());
    const auto size = static_cast<std::uint32_t>(block.size());
    stream += bytes.empty() ? '\1' : '\0';
    for (const std::uint32_t word : {size, ~size})
      stream.append({static_cast<char>(word & 255), static_cast<char>(word >> 8 & 255)});
    stream.append(block);
  } while (!bytes.empty());
  append_big_endian(stream, checksum);
  return stream;
}

/// A picture as the text of a PNG file that browsers show: "data:image/png;base64,...". Its pixels are stored, not
/// packed, so that no package is needed.
[[nodiscard]] inline std::string png_text(const Canvas& canvas) {
  std::string lines;
  auto pixel = canvas.pixels().begin();
  for (int y = 0; y < canvas.height(); ++y) {
    lines += '\0';  // the line's filter: none
    for (int x = 0; x < canvas.width(); ++x, ++pixel)
      lines.append({static_cast<char>(pixel->red), static_cast<char>(pixel->green), static_cast<char>(pixel->blue)});
  }
  std::string header;
  append_big_endian(header, static_cast<std::uint32_t>(canvas.width()));
  append_big_endian(header, static_cast<std::uint32_t>(canvas.height()));
  header.append({8, 2, 0, 0, 0});  // 8 bits a channel, red, green and blue
  std::string file = "\x89PNG\r\n\x1a\n";
  append_chunk(file, "IHDR", header);
  append_chunk(file, "IDAT", stored(lines));
  append_chunk(file, "IEND", "");
  return "data:image/png;base64," + base64(file);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::report
