#pragma once

#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/png.hpp>
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

/// A picture as the text of a PNG file that browsers show: "data:image/png;base64,...".
[[nodiscard]] inline std::string png_text(const Canvas& canvas) {
  return "data:image/png;base64," + base64(encode_png(canvas));
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::report
