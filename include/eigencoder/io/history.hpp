#pragma once

#include <charconv>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/training/history.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A history's lists by their names.
inline std::vector<std::pair<std::string, const std::vector<double>*>> history_columns(const History& history) {
  std::vector<std::pair<std::string, const std::vector<double>*>> columns = {
      {"loss", &history.loss},
      {"validation_loss", &history.validation_loss},
      {"seconds", &history.seconds},
      {"samples_per_second", &history.samples_per_second},
      {"learning_rate", &history.learning_rate}};
  for (const auto& [name, values] : history.metrics) columns.emplace_back(name, &values);
  return columns;
}

/// The names of a history's columns in CSV; and a line of an epoch, from 0, where a column that has no value is left
/// empty. Without line ends.
inline std::string history_csv_names(const History& history) {
  std::string text = "epoch";
  for (const auto& column : history_columns(history)) text += "," + column.first;
  return text;
}
inline std::string history_csv_line(const History& history, std::size_t epoch) {
  std::string text = std::to_string(epoch + 1);
  for (const auto& column : history_columns(history)) {
    text += ",";
    if (epoch >= column.second->size()) continue;
    char digits[32];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, (*column.second)[epoch]).ptr);
  }
  return text;
}

/// Writes a history as JSON: an object of lists with one number an epoch, metrics beside the others; what is not finite
/// is null. Throws std::runtime_error naming the file and the reason, an older file as it was.
inline void write_history_json(const std::filesystem::path& path, const History& history) {
  nlohmann::ordered_json json;
  for (const auto& [name, values] : history_columns(history)) json[name] = *values;
  write_file(path, {json.dump(), "\n"});
}

/// Writes a history as CSV: a line of names, then a line an epoch; a column that has no value there is left empty.
/// Throws std::runtime_error naming the file and the reason, an older file as it was.
inline void write_history_csv(const std::filesystem::path& path, const History& history) {
  std::string text = history_csv_names(history) + "\n";
  for (std::size_t epoch = 0; epoch < history.epochs(); ++epoch) text += history_csv_line(history, epoch) + "\n";
  write_file(path, {text});
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
