#pragma once

#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// f(), what it refuses by std::invalid_argument thrown as std::runtime_error with the file's name before it.
template <class Function>
auto naming_file(const std::filesystem::path& path, const Function& f) {
  try {
    return f();
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

/// The bytes that a file has. Throws std::invalid_argument unless it is a regular file: a pipe would keep the reader
/// waiting, a device might never end, and the size of neither is known.
inline std::uint64_t regular_file_size(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw std::invalid_argument("cannot be opened: no such file");
  if (std::filesystem::is_directory(status)) throw std::invalid_argument("cannot be opened: is a directory");
  if (!std::filesystem::is_regular_file(status)) throw std::invalid_argument("cannot be opened: not a regular file");
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) throw std::invalid_argument("cannot be opened: " + error.message());
  return size;
}

/// A regular file, open to be read from front to back.
class RegularFile {
 public:
  /// Throws std::invalid_argument saying why it cannot be opened.
  explicit RegularFile(const std::filesystem::path& path)
      : size_(regular_file_size(path)), stream_(path, std::ios::binary) {
    if (!stream_) throw std::invalid_argument("cannot be opened");
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// The bytes not read yet.
  [[nodiscard]] std::uint64_t left() const { return size_ - read_; }

  /// Reads `count` bytes. Throws std::invalid_argument if there are not that many.
  void read(void* out, std::uint64_t count) {
    stream_.read(static_cast<char*>(out), static_cast<std::streamsize>(count));
    if (!stream_) throw std::invalid_argument("cannot be read");
    read_ += count;
  }

 private:
  std::uint64_t size_;
  std::uint64_t read_ = 0;
  std::ifstream stream_;
};

/// The whole of a file. Throws std::runtime_error naming it if it cannot be read.
inline std::string read_text(const std::filesystem::path& path) {
  return naming_file(path, [&] {
    RegularFile file(path);
    std::string text(file.size(), '\0');
    file.read(text.data(), text.size());
    return text;
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
