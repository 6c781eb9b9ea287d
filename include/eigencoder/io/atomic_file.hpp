#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <eigencoder/core/target.hpp>
#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// An open file that is closed, and removed unless kept, when the scope is left.
class TemporaryFile {
 public:
  /// A new file beside `target`, with a name that no other has.
  explicit TemporaryFile(const std::filesystem::path& target) {
    for (int n = 0; descriptor_ < 0; ++n) {
      path_ = target;
      path_ += "." + std::to_string(getpid()) + "-" + std::to_string(n) + ".part";
      descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ < 0 && errno != EEXIST) throw std::system_error(errno, std::generic_category());
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!path_.empty()) unlink(path_.c_str());
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      check(written);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  /// All is on the disk and closed: the file takes the target's name, for good.
  void become(const std::filesystem::path& target) {
    check(fsync(descriptor_));
    check(close(std::exchange(descriptor_, -1)));
    check(rename(path_.c_str(), target.c_str()));
    path_.clear();
    const auto parent = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    const int directory = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
      fsync(directory);
      close(directory);
    }
  }

 private:
  static void check(ssize_t result) {
    if (result < 0) throw std::system_error(errno, std::generic_category());
  }

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace detail

/// Writes the parts, one after the other, as the whole content of a file; other programs see the old file or the new
/// one, never a part. The new one is written beside it, brought to the disk and renamed. Throws std::runtime_error with
/// the path and the reason, the old file as it was and nothing left beside it.
inline void write_file(const std::filesystem::path& path, std::initializer_list<std::string_view> parts) {
  try {
    if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) {
      throw std::runtime_error("cannot write " + path.string() + ": not a regular file");
    }
    // A symbolic link goes on pointing to where it pointed.
    const auto target = std::filesystem::is_symlink(path) ? std::filesystem::weakly_canonical(path) : path;
    detail::TemporaryFile file(target);
    for (const auto part : parts) file.write(part);
    file.become(target);
  } catch (const std::system_error& error) {
    throw std::runtime_error("cannot write " + path.string() + ": " + error.code().message());
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
