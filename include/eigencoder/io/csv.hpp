#pragma once

#include <charconv>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// A name as a field: in quotation marks if need be.
inline std::string csv_field(std::string_view name, char separator) {
  const char special[] = {separator, '"', '\n', '\r'};
  if (!name.empty() && name.find_first_of(std::string_view(special, 4)) == std::string_view::npos &&
      name.front() != ' ' && name.back() != ' ')
    return std::string(name);
  std::string field = "\"";
  for (const char sign : name) field.append(sign == '"' ? 2 : 1, sign);
  return field + '"';
}

template <class Number>
void append_number(std::string& text, Number value) {
  char digits[32];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace detail

struct CsvWriteOptions {
  /// What the columns are called, in the first line; no line if empty. With labels, also the name of theirs.
  std::vector<std::string> names{};
  char separator = ',';
};

/// Writes samples as a text file, one a line, whole or not at all, with as many digits as give the very same number
/// when they are read; NaN as nan, and labels, if there are any, in the last column. An Eigen matrix, such as codes,
/// may be given as well. Throws std::invalid_argument if there are names, but not one a column; std::runtime_error
/// naming the file and the reason, an older file as it was.
inline void write_csv(const std::filesystem::path& path, const Dataset& data, const CsvWriteOptions& options = {}) {
  const bool labelled = !data.labels().empty();
  const auto columns = static_cast<std::size_t>(data.features() + (labelled ? 1 : 0));
  if (!options.names.empty() && options.names.size() != columns)
    throw std::invalid_argument("write_csv: there are " + std::to_string(options.names.size()) + " names for " +
                                std::to_string(columns) + " columns");
  std::string text;
  for (std::size_t k = 0; k < options.names.size(); ++k)
    text.append(k > 0 ? std::string(1, options.separator) : "")
        .append(detail::csv_field(options.names[k], options.separator));
  if (!options.names.empty()) text += '\n';
  data.visit([&]<class Stored>(const SampleReader<Stored>& read) {
    using Value = std::conditional_t<std::is_same_v<Stored, double>, double, float>;
    std::vector<Value> row(static_cast<std::size_t>(data.features()));
    for (Index sample = 0; sample < data.size(); ++sample) {
      read(sample, 0, data.features(), row.data());
      for (std::size_t k = 0; k < row.size(); ++k) {
        if (k > 0) text += options.separator;
        detail::append_number(text, row[k]);
      }
      if (labelled) {
        text += options.separator;
        detail::append_number(text, data.labels()[static_cast<std::size_t>(sample)]);
      }
      text += '\n';
    }
  });
  write_file(path, {text});
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
