#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/csv_scanner.hpp>
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

/// A column of a CSV file.
struct CsvColumn {
  std::string name{};                     ///< empty if the file has no header
  std::vector<std::string> categories{};  ///< of a column of text, sorted: as many features, of which one is 1
};

/// A CSV file's samples, and what its columns and labels are called.
struct CsvTable {
  Dataset data{};
  std::vector<CsvColumn> columns{};   ///< without the label's
  std::vector<std::string> labels{};  ///< where labels are text: label k is the k-th of these, which are sorted
};

struct CsvOptions {
  /// Whether the first line names the columns. By default it does if it has text but no number in it.
  std::optional<bool> header{};
  /// This column, counted from 0 (-1: the last), holds labels: whole numbers, or with `categories` any text.
  std::optional<Index> label_column{};
  char separator = ',';
  /// Whether columns may have text: a column with c different texts then becomes c features, 1 for the one that it is
  /// and 0 for the others; all NaN where it is missing.
  bool categories = false;
  /// A table that was read before, such as of the data to train on: columns are checked against its, and categories and
  /// labels are numbered as in it.
  const CsvTable* like = nullptr;
};

namespace detail {

/// What may have been meant where a field is not a number.
inline std::string csv_advice(std::string_view field, const CsvOptions& options) {
  for (const char separator : {';', '\t', ','})
    if (separator != options.separator && field.find(separator) != std::string_view::npos)
      return std::string("; if that separates columns, read the file with {.separator = '") +
             (separator == '\t' ? "\\t" : std::string(1, separator)) + "'}";
  return "; what is missing is nothing, NA or NaN; if the column is of categories, read the file with {.categories = "
         "true}";
}

/// Reads a CSV file in two passes: what its columns are and how many lines there are, then the values.
class CsvFile {
 public:
  CsvFile(std::string_view text, const CsvOptions& options) : text_(text), options_(options) {}

  /// Throws std::invalid_argument saying what is wrong and, by line(), where.
  CsvTable read() {
    begin();
    if (options_.categories || options_.like != nullptr) find_categories();
    count_rows();
    return read_values();
  }

  /// The line that was looked at last, 0 if none is to blame.
  [[nodiscard]] Index line() const { return line_; }

 private:
  /// The number of columns, and whether the first line is a header.
  void begin() {
    CsvScanner scanner(text_, options_.separator);
    bool text = false, number = false;
    if (!scanner.next_line()) fail("has no samples");
    line_ = scanner.line();
    for (bool last = false; !last; ++columns_) {
      const CsvField field = scanner.next();
      double value = 0;
      if (field.parse(value)) {
        number = true;
      } else if (!field.is_missing()) {
        text = true;
      }
      last = field.last;
    }
    header_ = options_.header.value_or(text && !number);
    label_column_ = columns_;
    if (!options_.label_column) return;
    label_column_ = *options_.label_column < 0 ? *options_.label_column + columns_ : *options_.label_column;
    if (label_column_ < 0 || label_column_ >= columns_)
      fail("has no column " + std::to_string(*options_.label_column) + " for the label");
    if (columns_ == 1) fail("has no column besides the label", 0);
  }

  /// f(column, field) for each field of each line of values, in order, and end_of_line() behind each.
  template <class Function, class End>
  void for_each_field(const Function& f, const End& end_of_line) {
    CsvScanner scanner(text_, options_.separator);
    bool skip = header_;
    while (scanner.next_line()) {
      line_ = scanner.line();
      Index column = 0;
      for (bool last = false; !last; ++column) {
        const CsvField field = scanner.next();
        last = field.last;
        if (!skip && column < columns_) f(column, field);
      }
      if (column != columns_)
        fail("has " + std::to_string(column) + " columns, the first line has " + std::to_string(columns_));
      if (!std::exchange(skip, false)) end_of_line();
    }
  }

  void count_rows() {
    for_each_field([](Index, const CsvField&) {}, [this] { ++rows_; });
    if (rows_ == 0) fail("has no samples", 0);
  }

  /// The names of the columns and the categories of those that have text.
  void find_categories() {
    if (options_.like != nullptr) {
      found_.columns = options_.like->columns;
      found_.labels = options_.like->labels;
      if (static_cast<Index>(found_.columns.size()) != feature_columns())
        fail("has " + std::to_string(feature_columns()) + " columns besides labels, expected " +
                 std::to_string(found_.columns.size()),
             0);
      check_names();
      return;
    }
    found_.columns.resize(static_cast<std::size_t>(feature_columns()));
    if (header_) name_columns();
    for_each_field(
        [this](Index column, const CsvField& field) {
          double value = 0;
          if (field.is_missing() || field.parse(value)) return;
          auto& known = column == label_column_ ? found_.labels : column_of(column).categories;
          const std::string text = field.text();
          const auto place = std::ranges::lower_bound(known, text);
          if (place != known.end() && *place == text) return;
          // Else a small file could stand for very many numbers.
          if (static_cast<Index>(known.size()) == most_categories)
            fail("column " + std::to_string(column) + " has more than " + std::to_string(most_categories) +
                 " categories");
          known.insert(place, text);
        },
        [] {});
  }

  template <class Function>
  void for_each_name(const Function& f) {
    CsvScanner scanner(text_, options_.separator);
    scanner.next_line();
    line_ = scanner.line();
    for (Index column = 0; column < columns_; ++column) {
      const CsvField field = scanner.next();
      if (column != label_column_) f(column_of(column), field.text());
    }
  }
  void name_columns() {
    for_each_name([](CsvColumn& column, const std::string& name) { column.name = name; });
  }
  void check_names() {
    if (!header_) return;
    for_each_name([this](const CsvColumn& column, const std::string& name) {
      if (!column.name.empty() && column.name != name)
        fail("names a column \"" + name + "\", expected \"" + column.name + "\"");
    });
  }

  CsvTable read_values() {
    Index features = feature_columns();
    for (const CsvColumn& column : found_.columns)
      if (!column.categories.empty()) features += static_cast<Index>(column.categories.size()) - 1;
    Matrix<double> values(rows_, features);
    double* to = values.data();
    std::vector<int> labels;
    if (options_.label_column) labels.reserve(static_cast<std::size_t>(rows_));
    for_each_field(
        [&](Index column, const CsvField& field) {
          if (column == label_column_) {
            labels.push_back(label_of(field));
          } else if (!found_.columns.empty() && !column_of(column).categories.empty()) {
            to = write_category(column, field, to);
          } else {
            *to++ = number_of(column, field);
          }
        },
        [] {});
    const Dataset data(std::move(values));
    found_.data = options_.label_column ? data.with_labels(std::move(labels)) : data;
    return std::move(found_);
  }

  [[nodiscard]] double number_of(Index column, const CsvField& field) const {
    double value = std::numeric_limits<double>::quiet_NaN();
    if (!field.parse(value) && !field.is_missing())
      fail("column " + std::to_string(column) + " is \"" + field.text() + "\", not a number" +
           csv_advice(field.raw, options_));
    return value;
  }

  double* write_category(Index column, const CsvField& field, double* to) {
    const auto& known = column_of(column).categories;
    const auto found = std::ranges::find(known, field.text());
    if (found == known.end() && !field.is_missing())
      fail("column " + std::to_string(column) + " is \"" + field.text() + "\", which is none of its " +
           std::to_string(known.size()) + " categories");
    to = std::fill_n(to, known.size(), field.is_missing() ? std::numeric_limits<double>::quiet_NaN() : 0.0);
    if (found != known.end()) *(to - (known.end() - found)) = 1;
    return to;
  }

  [[nodiscard]] int label_of(const CsvField& field) const {
    if (!found_.labels.empty()) {
      const auto found = std::ranges::find(found_.labels, field.text());
      if (found == found_.labels.end())
        fail("the label \"" + field.text() + "\" is none of the " + std::to_string(found_.labels.size()) + " known");
      return static_cast<int>(found - found_.labels.begin());
    }
    double value = 0;
    const bool whole = field.parse(value) && value >= std::numeric_limits<int>::min() &&
                       value <= std::numeric_limits<int>::max() &&
                       value == static_cast<double>(static_cast<int>(value));
    if (!whole) fail("the label \"" + field.text() + "\" is not a whole number");
    return static_cast<int>(value);
  }

  [[noreturn]] void fail(const std::string& what) const { throw std::invalid_argument(what); }
  [[noreturn]] void fail(const std::string& what, Index line) {
    line_ = line;
    throw std::invalid_argument(what);
  }

  [[nodiscard]] Index feature_columns() const { return columns_ - (options_.label_column ? 1 : 0); }
  [[nodiscard]] CsvColumn& column_of(Index column) {
    return found_.columns[static_cast<std::size_t>(column - (column > label_column_ ? 1 : 0))];
  }

  static constexpr Index most_categories = 64;

  std::string_view text_;
  const CsvOptions& options_;
  Index line_ = 0, columns_ = 0, label_column_ = 0, rows_ = 0;
  bool header_ = false;
  CsvTable found_{};
};

}  // namespace detail

/// Reads a text file of numbers, one sample a line, with a header if its first line has one, and what its columns are
/// called and their categories if these are asked for. Blank lines are skipped, as is a byte-order mark. Fields may
/// stand in quotation marks; "inf" is a number, and nothing, NA and NaN are NaN, which IgnoreMissing understands.
/// Throws std::runtime_error naming the file, line and column of what is not a number, and of a line that has not as
/// many columns as the first.
[[nodiscard]] inline CsvTable read_csv_table(const std::filesystem::path& path, const CsvOptions& options = {}) {
  const std::string text = detail::read_text(path);
  detail::CsvFile file(text, options);
  try {
    return file.read();
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + (file.line() > 0 ? ":" + std::to_string(file.line()) : "") + ": " +
                             error.what());
  }
}

/// The samples of `read_csv_table` alone.
[[nodiscard]] inline Dataset read_csv(const std::filesystem::path& path, const CsvOptions& options = {}) {
  return read_csv_table(path, options).data;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
