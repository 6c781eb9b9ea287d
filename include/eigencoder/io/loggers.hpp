#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/io/history.hpp>
#include <eigencoder/io/temporary_file.hpp>
#include <eigencoder/training/callbacks.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

/// Callbacks that write a line an epoch, for other programs to read while the training goes on.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace io {

/// A text file that is begun anew and grows line by line, each in one system call and there for readers at once.
class LineFile {
 public:
  explicit LineFile(const std::filesystem::path& path) : path_(path), file_(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) {
    if (!file_.is_open()) fail(errno);
  }

  void write(const std::string& line) {
    try {
      file_.write(line + '\n');
    } catch (const std::system_error& error) {
      fail(error.code().value());
    }
  }

 private:
  [[noreturn]] void fail(int error) const {
    throw std::runtime_error("cannot write " + path_.string() + ": " + std::generic_category().message(error));
  }

  std::filesystem::path path_;
  detail::Descriptor file_;
};

}  // namespace io

/// Writes the history as CSV, a line of names and a line an epoch: `CsvLogger{.path = "history.csv"}`. The file is
/// begun anew by each training; a resumed one begins it with the epochs before. Throws std::runtime_error naming the
/// file and the reason. Keras: CSVLogger.
struct CsvLogger {
  std::filesystem::path path;

  void operator()(EpochEnd& end) {
    const History& history = end.history();
    if (!file_) {
      file_ = std::make_shared<io::LineFile>(path);
      file_->write(history_csv_names(history));
      for (std::size_t epoch = 0; epoch + 1 < history.epochs(); ++epoch) file_->write(history_csv_line(history, epoch));
    }
    file_->write(history_csv_line(history, history.epochs() - 1));
  }

  // Not an option: the file, made at the end of the first epoch.
  std::shared_ptr<io::LineFile> file_{};
};

/// Writes a line of JSON an epoch, an object with its number, from 1, and what the history has of it:
/// {"epoch":1,"loss":0.5,"seconds":1.25,...}; what is not finite is null. `JsonLines{.path = "history.jsonl"}`.
/// As CsvLogger begins its file, and throws.
struct JsonLines {
  std::filesystem::path path;

  void operator()(EpochEnd& end) {
    const History& history = end.history();
    std::size_t epoch = history.epochs() - 1;
    if (!file_) {
      file_ = std::make_shared<io::LineFile>(path);
      epoch = 0;
    }
    for (; epoch < history.epochs(); ++epoch) file_->write(line(history, epoch));
  }

  // Not an option: the file, made at the end of the first epoch.
  std::shared_ptr<io::LineFile> file_{};

 private:
  static std::string line(const History& history, std::size_t epoch) {
    nlohmann::ordered_json json = {{"epoch", epoch + 1}};
    for (const auto& [name, values] : history_columns(history))
      if (epoch < values->size()) json[name] = (*values)[epoch];
    return json.dump();
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
