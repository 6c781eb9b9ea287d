#pragma once

#include <algorithm>
#include <charconv>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// A field as it stands in the file, without the blanks around it and its quotation marks.
struct CsvField {
  std::string_view raw;
  bool quoted = false;
  bool last = false;  ///< of its line

  /// With "" within quotation marks for one of them.
  [[nodiscard]] std::string text() const {
    std::string result;
    for (std::size_t k = 0; k < raw.size(); ++k) {
      result += raw[k];
      if (quoted && raw[k] == '"') ++k;
    }
    return result;
  }
  /// Nothing, NA or NaN.
  [[nodiscard]] bool is_missing() const {
    return raw.empty() || raw == "NA" || raw == "nan" || raw == "NaN" || raw == "NAN";
  }
  /// Whether it is a number, and which.
  template <class Number>
  bool parse(Number& number) const {
    std::string_view digits = raw;
    if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} && end == digits.data() + digits.size();
  }
};

/// Takes a CSV file apart, field by field. A field in quotation marks may have separators and ends of lines in it, and
/// a quotation mark as two. Source: RFC 4180.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, char separator) : left_(text), separator_(separator) {
    if (left_.starts_with("\xEF\xBB\xBF")) left_.remove_prefix(3);  // the byte-order mark
  }

  /// Goes to the next line that is not blank; whether there is one.
  bool next_line() {
    while (!left_.empty()) {
      line_ = lines_ + 1;
      const std::size_t text = left_.find_first_not_of(separator_ == '\t' ? " \r" : " \t\r");
      if (text == std::string_view::npos) return false;
      if (left_[text] != '\n') return true;
      left_.remove_prefix(text + 1);
      ++lines_;
    }
    return false;
  }

  /// The number, from 1, of the line that `next_line` went to.
  [[nodiscard]] Index line() const { return line_; }

  /// The line's next field. Throws std::invalid_argument if its quotation marks do not match.
  CsvField next() {
    skip_blanks();
    CsvField field;
    if (left_.starts_with('"')) {
      left_.remove_prefix(1);
      field.raw = take(closing_mark());
      left_.remove_prefix(1);
      field.quoted = true;
      skip_blanks();
      if (!left_.empty() && left_.front() != separator_ && left_.front() != '\n')
        throw std::invalid_argument("has text behind the quotation mark that ends \"" + field.text() + "\"");
    } else {
      const char ends[] = {separator_, '\n'};
      field.raw = take(std::min(left_.find_first_of(std::string_view(ends, 2)), left_.size()));
      while (!field.raw.empty() && is_blank(field.raw.back())) field.raw.remove_suffix(1);
    }
    field.last = !left_.starts_with(separator_);
    if (!left_.empty()) left_.remove_prefix(1);
    if (field.last) lines_ += 1;
    return field;
  }

 private:
  [[nodiscard]] bool is_blank(char sign) const {
    return (sign == ' ' || sign == '\t' || sign == '\r') && sign != separator_;
  }
  void skip_blanks() {
    while (!left_.empty() && is_blank(left_.front())) left_.remove_prefix(1);
  }
  std::string_view take(std::size_t count) {
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  /// The place of the quotation mark that is not one of two.
  std::size_t closing_mark() {
    for (std::size_t k = 0; k < left_.size(); ++k) {
      if (left_[k] == '\n') ++lines_;
      if (left_[k] != '"') continue;
      if (k + 1 == left_.size() || left_[k + 1] != '"') return k;
      ++k;
    }
    throw std::invalid_argument("has a quotation mark that is not closed");
  }

  std::string_view left_;
  char separator_;
  Index line_ = 0;
  Index lines_ = 0;  ///< that are done
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
