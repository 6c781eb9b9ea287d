#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <system_error>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A file as memory: the system reads its pages where they are first touched, and may drop them when memory is short.
/// The file must stay as long as it is while it is mapped: what reads beyond the end of one that was made shorter is
/// killed by the signal SIGBUS.
class MappedFile {
 public:
  /// Throws std::invalid_argument saying why it cannot be mapped.
  explicit MappedFile(const std::filesystem::path& path) : size_(detail::regular_file_size(path)) {
    if (size_ == 0) throw std::invalid_argument("is empty");
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw std::invalid_argument("cannot be opened: " + std::generic_category().message(errno));
    struct stat status {};
    // It may be another file by now than the one that was looked at.
    const bool same_size = fstat(file, &status) == 0 && static_cast<std::size_t>(status.st_size) == size_;
    void* const place = same_size ? mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    const int error = errno;
    close(file);
    if (!same_size) throw std::invalid_argument("changed while it was opened");
    if (place == MAP_FAILED) throw std::invalid_argument("cannot be mapped: " + std::generic_category().message(error));
    first_ = static_cast<std::byte*>(place);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { munmap(first_, size_); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {first_, size_}; }

  /// Reads a part of the file into memory and returns when it is there.
  void load(const void* from, std::size_t count) const {
    const auto [first, end] = pages(from, count, true);
    if (first >= end) return;
    madvise(first_ + first, end - first, MADV_WILLNEED);
    for (std::size_t at = first; at < end; at += page_size()) (void)*const_cast<const volatile std::byte*>(first_ + at);
  }
  /// Lets go of the memory of whole pages that will not be needed for a while; they are read anew if they are.
  void release(const void* from, std::size_t count) const {
    const auto [first, end] = pages(from, count, false);
    if (first < end) madvise(first_ + first, end - first, MADV_DONTNEED);
  }

 private:
  static std::size_t page_size() {
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
  }
  /// The pages that the bytes touch, or those that lie within them, as offsets of the first and the last one's end.
  [[nodiscard]] std::pair<std::size_t, std::size_t> pages(const void* from, std::size_t count, bool touched) const {
    const auto first = static_cast<std::size_t>(static_cast<const std::byte*>(from) - first_);
    const std::size_t end = std::min(first + count, size_), page = page_size();
    const auto down = [=](std::size_t offset) { return offset / page * page; };
    if (touched) return {down(first), end};
    return {down(first + page - 1), end == size_ ? end : down(end)};
  }

  std::size_t size_;
  std::byte* first_ = nullptr;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
