#pragma once

#include <concepts>
#include <cstdio>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET::report {

/// Text as it stands in HTML, also within an attribute.
[[nodiscard]] inline std::string escaped(std::string_view text) {
  std::string result;
  for (const char sign : text) {
    switch (sign) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += sign;
    }
  }
  return result;
}

/// A page as it is written, piece by piece.
class Html {
 public:
  Html& operator<<(std::string_view raw) {
    text_.append(raw);
    return *this;
  }
  Html& operator<<(double value) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.4g", value);
    return *this << std::string_view(digits);
  }
  template <std::integral Whole>
  Html& operator<<(Whole value) {
    return *this << std::string_view(std::to_string(value));
  }

  /// An element with this text in it.
  Html& element(std::string_view tag, std::string_view text) {
    return *this << "<" << tag << ">" << escaped(text) << "</" << tag << ">";
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::report
