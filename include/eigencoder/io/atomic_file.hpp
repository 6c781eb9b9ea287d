#pragma once

#include <cerrno>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/temporary_file.hpp>
#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// The file that is meant by a path: itself, or where a symbolic link leads to, whether there is a file yet or not.
inline std::filesystem::path without_links(std::filesystem::path path) {
  constexpr int most = 40;  // as Linux
  for (int links = 0; std::filesystem::is_symlink(path); ++links) {
    if (links == most) throw std::system_error(ELOOP, std::generic_category());
    path = path.parent_path() / std::filesystem::read_symlink(path);
  }
  return path;
}

}  // namespace detail

/// Writes the parts, one after the other, as the whole content of a file; other programs see the old file or the new
/// one, never a part. The new one is written beside it under another name, brought to the disk and renamed; what a
/// killed process left there is removed. It gets the old file's permissions and, where that is allowed, its owner; a
/// symbolic link goes on pointing to where it points. Throws std::runtime_error with the path and the reason, the old
/// file as it was and nothing left beside it; if only the directory cannot be brought to the disk, the file is the new
/// one.
inline void write_file(const std::filesystem::path& path, std::initializer_list<std::string_view> parts) {
  try {
    const auto target = detail::without_links(path);
    struct stat old {};
    const bool is_there = stat(target.c_str(), &old) == 0;
    if (!is_there && errno != ENOENT) throw std::system_error(errno, std::generic_category());
    if (is_there && !S_ISREG(old.st_mode))
      throw std::runtime_error("cannot write " + path.string() + ": not a regular file");

    const auto parent = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    const detail::Descriptor directory(parent, O_RDONLY | O_DIRECTORY);
    // One that may be written to but not read cannot be brought to the disk.
    if (!directory.is_open() && errno != EACCES) throw std::system_error(errno, std::generic_category());
    detail::TemporaryFile::remove_leftovers(parent);
    detail::TemporaryFile file(parent, is_there ? S_IRUSR | S_IWUSR : 0666);
    if (is_there) file.take_permissions(old);
    for (const auto part : parts) file.write(part);
    file.become(target);
    // Not every file system can bring a directory to the disk; those that cannot say EINVAL.
    const int error = directory.is_open() && fsync(directory.number()) != 0 ? errno : 0;
    if (error != 0 && error != EINVAL) {
      throw std::runtime_error(path.string() + " is written, but its directory cannot be brought to the disk: " +
                               std::generic_category().message(error));
    }
  } catch (const std::system_error& error) {
    throw std::runtime_error("cannot write " + path.string() + ": " + error.code().message());
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
