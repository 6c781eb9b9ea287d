#pragma once

#include <algorithm>
#include <charconv>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <filesystem>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct CsvOptions {
  bool header = false;                  ///< the first line names the columns and is skipped
  std::optional<Index> label_column{};  ///< this column, counted from 0 (-1: the last), holds whole numbers: labels
  char separator = ',';
};

namespace detail {

/// Takes the text before the separator, or all there is, off the front of `text`.
inline std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

/// The next field of a line, without the blanks around it.
inline std::string_view next_csv_field(std::string_view& line, char separator) {
  std::string_view field = take_until(line, separator);
  while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
  return field;
}

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// What may have been meant where a field is not a number.
inline std::string csv_advice(std::string_view field, bool first_row, const CsvOptions& options) {
  for (const char separator : {';', '\t', ','})
    if (separator != options.separator && field.find(separator) != std::string_view::npos)
      return std::string("; if that separates columns, read the file with {.separator = '") +
             (separator == '\t' ? "\\t" : std::string(1, separator)) + "'}";
  if (first_row && !options.header && !field.empty())
    return "; if the first line names the columns, read the file with {.header = true}";
  if (field.find('"') != std::string_view::npos) return "; numbers stand without quotation marks";
  return "; what is missing is written nan";
}

}  // namespace detail

/// Reads a text file of numbers, one sample a line. Blank lines are skipped, as is a byte-order mark; "nan" and "inf"
/// are numbers.
/// Throws std::runtime_error naming the file, line and column of what is not a number, and of a line that has not as
/// many columns as the first.
[[nodiscard]] inline Dataset read_csv(const std::filesystem::path& path, const CsvOptions& options = {}) {
  const auto fail = [&](Index line, const std::string& what) {
    throw std::runtime_error(path.string() + (line > 0 ? ":" + std::to_string(line) : "") + ": " + what);
  };
  const std::string file = detail::read_text(path);
  std::string_view lines = file;
  if (lines.starts_with("\xEF\xBB\xBF")) lines.remove_prefix(3);

  Matrix<double> values;
  std::vector<int> labels;
  Index columns = 0;
  Index features = 0;
  Index rows = 0;
  for (Index line = 1; !lines.empty(); ++line) {
    std::string_view text = detail::take_until(lines, '\n');
    if (text.ends_with('\r')) text.remove_suffix(1);
    if ((line == 1 && options.header) || text.find_first_not_of(" \t") == std::string_view::npos) continue;
    const Index fields = 1 + static_cast<Index>(std::count(text.begin(), text.end(), options.separator));
    if (rows == 0) {
      columns = fields;
      features = columns - (options.label_column ? 1 : 0);
      // No more than the text has room for, since every number takes a character and one behind it.
      const Index least = 2 * columns;
      values.resize((static_cast<Index>(file.size()) + least) / least, features);
    }
    if (fields != columns) {
      fail(line, "has " + std::to_string(fields) + " columns, the first line has " + std::to_string(columns));
    }
    const Index label = options.label_column.value_or(columns);
    const Index label_column = label < 0 ? label + columns : label;
    if (options.label_column && (label_column < 0 || label_column >= columns)) {
      fail(line, "has no column " + std::to_string(label) + " for the label");
    }
    if (features == 0) fail(0, "has no column besides the label");
    for (Index column = 0, feature = 0; column < columns; ++column) {
      const std::string_view field = detail::next_csv_field(text, options.separator);
      double value = 0;
      if (!detail::parse_whole(field, value)) {
        fail(line, "column " + std::to_string(column) + " is \"" + std::string(field) + "\", not a number" +
                       detail::csv_advice(field, rows == 0, options));
      }
      if (column != label_column) {
        values(rows, feature++) = value;
      } else if (value >= std::numeric_limits<int>::min() && value <= std::numeric_limits<int>::max() &&
                 value == static_cast<double>(static_cast<int>(value))) {
        labels.push_back(static_cast<int>(value));
      } else {
        fail(line, "the label \"" + std::string(field) + "\" is not a whole number");
      }
    }
    ++rows;
  }
  if (rows == 0) fail(0, "has no samples");
  values.conservativeResize(rows, Eigen::NoChange);
  const Dataset data(std::move(values));
  return options.label_column ? data.with_labels(std::move(labels)) : data;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
