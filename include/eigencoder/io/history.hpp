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

/// Writes a history as JSON: an object of lists with one number an epoch, metrics beside the others; what is not finite
/// is null. Throws std::runtime_error naming the file and the reason, an older file as it was.
inline void write_history_json(const std::filesystem::path& path, const History& history) {
  nlohmann::ordered_json json = {{"loss", history.loss},
                                 {"validation_loss", history.validation_loss},
                                 {"seconds", history.seconds},
                                 {"samples_per_second", history.samples_per_second},
                                 {"learning_rate", history.learning_rate}};
  for (const auto& [name, values] : history.metrics) json[name] = values;
  write_file(path, {json.dump(), "\n"});
}

/// Writes a history as CSV: a line of names, then a line an epoch; a column that has no value there is left empty.
/// Throws std::runtime_error naming the file and the reason, an older file as it was.
inline void write_history_csv(const std::filesystem::path& path, const History& history) {
  std::vector<std::pair<std::string, const std::vector<double>*>> columns = {
      {"loss", &history.loss},
      {"validation_loss", &history.validation_loss},
      {"seconds", &history.seconds},
      {"samples_per_second", &history.samples_per_second},
      {"learning_rate", &history.learning_rate}};
  for (const auto& [name, values] : history.metrics) columns.emplace_back(name, &values);

  std::string text = "epoch";
  for (const auto& column : columns) text += "," + column.first;
  for (std::size_t epoch = 0; epoch < history.epochs(); ++epoch) {
    text += "\n" + std::to_string(epoch + 1);
    for (const auto& column : columns) {
      text += ",";
      if (epoch >= column.second->size()) continue;
      char digits[32];
      text.append(digits, std::to_chars(digits, digits + sizeof digits, (*column.second)[epoch]).ptr);
    }
  }
  write_file(path, {text, "\n"});
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
