#pragma once

#include <concepts>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/snapshot.hpp>
#include <filesystem>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace io {

/// How a checkpoint is read: in io/checkpoint.hpp, which needs a package that the rest of the library does not.
template <class Path>
struct CheckpointReader;

}  // namespace io

/// A checkpoint to go on from, or none.
class Resume {
 public:
  Resume() = default;
  template <class Path>
    requires std::convertible_to<const Path&, std::filesystem::path>
  explicit(false) Resume(const Path& path) : path_(path) {
    constexpr bool is_there = requires { io::CheckpointReader<Path>::read; };
    static_assert(is_there, "FitOptions::resume: include <eigencoder/io/checkpoint.hpp>, which reads checkpoints");
    if constexpr (is_there) read_ = io::CheckpointReader<Path>::read;
  }

  /// False also for an empty path.
  explicit operator bool() const { return !path_.empty(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Throws std::runtime_error naming the file and what is wrong with it.
  [[nodiscard]] Snapshot read() const { return read_(path_); }

 private:
  std::filesystem::path path_;
  Snapshot (*read_)(const std::filesystem::path&) = nullptr;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
