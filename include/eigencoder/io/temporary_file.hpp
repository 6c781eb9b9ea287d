#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <eigencoder/core/target.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// Throws std::system_error with errno if a system call's result says that it failed.
template <class Result>
Result check(Result result) {
  if (result < 0) throw std::system_error(errno, std::generic_category());
  return result;
}

/// A file descriptor, closed when the scope is left.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : number_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (is_open()) close(number_);
  }

  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] struct stat status() const {
    struct stat status {};
    check(fstat(number_, &status));
    return status;
  }
  /// All of the bytes, however many calls that takes.
  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(number_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      bytes.remove_prefix(static_cast<std::size_t>(check(written)));
    }
  }
  /// Takes the file's lock. False, with errno EWOULDBLOCK, if another has it; false if the file system has no locks.
  [[nodiscard]] bool lock() const { return flock(number_, LOCK_EX | LOCK_NB) == 0; }

 private:
  int number_ = -1;
};

/// A file to be renamed when it is whole, removed when the scope is left before.
///
/// It is locked while it is written, and the lock goes with the process, however that ends: a temporary file that
/// nobody has locked is left over from a process that was killed.
class TemporaryFile {
 public:
  /// A new file in `directory`, with these permissions as far as the process' mask allows them.
  TemporaryFile(const std::filesystem::path& directory, mode_t mode) : TemporaryFile() {
    for (int n = 0; !is_named_; ++n) {
      path_ = directory / (std::string(prefix) + std::to_string(n) + std::string(suffix));
      file_ = Descriptor(path_, O_WRONLY | O_CREAT | O_EXCL, mode);
      if (!file_.is_open() && errno != EEXIST) throw std::system_error(errno, std::generic_category());
      // Before it is locked another process may take it for a leftover and remove it.
      is_named_ = file_.is_open() && (file_.lock() || errno != EWOULDBLOCK);
      if (is_named_) is_named_ = file_.status().st_nlink > 0;
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (is_named_) unlink(path_.c_str());
  }

  /// Removes the leftovers of one's own in a directory, as far as that is possible.
  static void remove_leftovers(const std::filesystem::path& directory) {
    const auto closed = [](DIR* stream) { closedir(stream); };
    // Not a std::filesystem::directory_iterator, which ends the program when memory runs out (libstdc++ 12).
    const std::unique_ptr<DIR, decltype(closed)> stream(opendir(directory.c_str()), closed);
    while (const dirent* const entry = stream ? readdir(stream.get()) : nullptr) {
      if (!is_name(entry->d_name)) continue;
      const auto path = directory / entry->d_name;
      const Descriptor file(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
      struct stat opened {};
      struct stat named {};
      // The name may have gone to another file since it was opened; it cannot while this one has it and is locked.
      if (file.is_open() && file.lock() && fstat(file.number(), &opened) == 0 && lstat(path.c_str(), &named) == 0 &&
          opened.st_ino == named.st_ino && opened.st_dev == named.st_dev && S_ISREG(opened.st_mode) &&
          opened.st_uid == geteuid()) {
        unlink(path.c_str());
      }
    }
  }

  /// Takes over permissions, group and owner, each as far as this process may give them; a group that it may not give
  /// has no permissions.
  void take_permissions(const struct stat& from) {
    mode_t mode = from.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
    const struct stat own = file_.status();
    if (own.st_uid != from.st_uid || own.st_gid != from.st_gid) {
      const auto give = [&](uid_t user) { return fchown(file_.number(), user, from.st_gid) == 0; };
      if (!give(from.st_uid) && !give(own.st_uid)) mode &= ~static_cast<mode_t>(S_IRWXG);
    }
    if ((own.st_mode & 07777) != mode) check(fchmod(file_.number(), mode));
  }

  void write(std::string_view bytes) const { file_.write(bytes); }

  /// Once all is on the disk, the file takes the target's name. Whether closing it then fails says nothing anymore.
  void become(const std::filesystem::path& target) {
    check(fsync(file_.number()));
    check(rename(path_.c_str(), target.c_str()));
    is_named_ = false;
  }

 private:
  static constexpr std::string_view prefix = ".eigencoder-";
  static constexpr std::string_view suffix = ".part";

  /// Behind this one the destructor is called even if the constructor that delegates to it throws.
  TemporaryFile() = default;

  static bool is_name(std::string_view name) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix) || name.size() < prefix.size() + suffix.size())
      return false;
    name.remove_prefix(prefix.size());
    name.remove_suffix(suffix.size());
    return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
  }

  std::filesystem::path path_;
  Descriptor file_;
  bool is_named_ = false;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
