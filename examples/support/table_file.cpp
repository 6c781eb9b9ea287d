#include "table_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <eigencoder/data/csv.hpp>
#include <eigencoder/data/npy.hpp>
#include <eigencoder/data/npz.hpp>
#include <optional>
#include <stdexcept>

namespace examples {

namespace {

using eigencoder::Index;

/// The column's number, -1 for the last.
std::optional<Index> label_number(const std::string& column) {
  if (column == "none") return std::nullopt;
  if (column == "last") return -1;
  if (column == "first") return 0;
  Index number = 0;
  const auto [end, error] = std::from_chars(column.data(), column.data() + column.size(), number);
  if (error != std::errc{} || end != column.data() + column.size() || number < 0)
    throw std::invalid_argument("--label-column is " + column + "; expected none, last, first or a column's number");
  return number;
}

/// Takes the labels' column out of a table that has it among the others.
void take_labels(Table& table, Index number) {
  const Index columns = table.rows.cols();
  const Index label = number < 0 ? columns + number : number;
  if (label >= columns || columns < 2)
    throw std::invalid_argument("has " + std::to_string(columns) + " columns, none of them number " +
                                std::to_string(label) + " for the label beside others");
  for (Index row = 0; row < table.rows.rows(); ++row) {
    const double value = table.rows(row, label);
    if (value != std::round(value))
      throw std::invalid_argument("has a label in row " + std::to_string(row) + " that is no whole number");
    table.labels.push_back(value != 0 ? 1 : 0);
  }
  const eigencoder::Matrix<double> after = table.rows.rightCols(columns - label - 1);
  table.rows.middleCols(label, after.cols()) = after;
  table.rows.conservativeResize(Eigen::NoChange, columns - 1);
  table.columns.erase(table.columns.begin() + label);
}

}  // namespace

Table read_table(const std::filesystem::path& path, const std::string& label_column, Index unlabelled) {
  const std::optional<Index> label = label_number(label_column);
  Table table;
  if (path.extension() == ".npz") {
    table.rows = eigencoder::read_npz(path).matrix<double>();
    const auto names = eigencoder::npz_names(path);
    if (std::ranges::find(names, "y") != names.end()) table.labels = eigencoder::read_npz_labels(path);
    if (!table.labels.empty() && std::ssize(table.labels) != table.rows.rows())
      throw std::runtime_error(path.string() + ": has " + std::to_string(table.labels.size()) + " labels y for " +
                               std::to_string(table.rows.rows()) + " rows X");
  } else if (path.extension() == ".npy") {
    table.rows = eigencoder::read_npy(path).matrix<double>();
  } else {
    const eigencoder::CsvTable csv = eigencoder::read_csv_table(path, {.categories = true});
    table.rows = csv.data.matrix<double>();
    for (const auto& column : csv.columns) {
      table.columns.push_back(column.name.empty() ? std::to_string(table.columns.size()) : column.name);
      if (!column.categories.empty())
        throw std::runtime_error(path.string() + ": column " + table.columns.back() + " has text, such as \"" +
                                 column.categories.front() + "\"; expected numbers");
    }
  }
  while (std::ssize(table.columns) < table.rows.cols()) table.columns.push_back(std::to_string(table.columns.size()));
  if (label && table.labels.empty() && table.rows.cols() != unlabelled)
    eigencoder::detail::naming_file(path, [&] { take_labels(table, *label); });
  return table;
}

}  // namespace examples
