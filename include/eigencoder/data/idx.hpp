#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// An IDX file's numbers: unsigned bytes in an array of `dims`, the last index running fastest.
struct IdxArray {
  std::vector<Index> dims;
  std::vector<std::uint8_t> bytes;
};

/// The bytes of a file, unpacked if it is gzip's, read from front to back.
class UnpackedFile {
 public:
  explicit UnpackedFile(const std::filesystem::path& path) : path_(path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) fail("no such file");
    if (std::filesystem::is_directory(status)) fail("is a directory");
    if (std::filesystem::is_regular_file(status)) packed_size_ = std::filesystem::file_size(path);
    file_.reset(gzopen(path.c_str(), "rb"));
    if (!file_) fail("cannot be opened");
    gzbuffer(file_.get(), 1u << 17);
  }

  /// Reads up to `count` bytes; fewer only at the file's end.
  std::uint64_t read(std::uint8_t* out, std::uint64_t count) {
    std::uint64_t done = 0;
    while (done < count) {
      const int n =
          gzread(file_.get(), out + done, static_cast<unsigned>(std::min<std::uint64_t>(count - done, 1u << 30)));
      int code = Z_OK;
      const char* message = gzerror(file_.get(), &code);
      if (code == Z_BUF_ERROR) fail("the gzip stream is cut short");
      if (n < 0 || code != Z_OK) fail(std::string("cannot be read: ") + message);
      if (n == 0) break;
      done += static_cast<std::uint64_t>(n);
    }
    return done;
  }

  /// More bytes than the file can possibly hold: deflate shrinks by less than 1032 to 1. To be asked after a first
  /// read.
  [[nodiscard]] bool cannot_hold(std::uint64_t count) const {
    return (gzdirect(file_.get()) != 0 ? count : count / 1032) > packed_size_;
  }

  [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error(path_.string() + ": " + what); }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };

  std::filesystem::path path_;
  std::uint64_t packed_size_ = std::numeric_limits<std::uint64_t>::max();
  std::unique_ptr<gzFile_s, Close> file_;
};

/// Reads the IDX format: two zero bytes, the element type (8: unsigned bytes), the number of dimensions, each dimension
/// as a big-endian 32-bit number, then the elements. Source: LeCun, Cortes, Burges, "The MNIST database".
inline IdxArray read_idx_array(const std::filesystem::path& path, std::size_t min_rank, std::size_t max_rank) {
  UnpackedFile file(path);
  std::array<std::uint8_t, 4> magic{};
  const auto got = file.read(magic.data(), magic.size());
  if (got == 0) file.fail("is empty, expected an IDX file");
  if (got < magic.size() || magic[0] != 0 || magic[1] != 0) file.fail("is not an IDX file");
  if (magic[2] != 8) {
    file.fail("is not an IDX file of unsigned bytes: its element type is " + std::to_string(magic[2]) + ", expected 8");
  }
  const std::size_t rank = magic[3];
  if (rank < min_rank || rank > max_rank) {
    file.fail("has " + std::to_string(rank) + " dimensions, expected " + std::to_string(min_rank) +
              (min_rank == max_rank ? "" : " to " + std::to_string(max_rank)));
  }

  IdxArray array;
  std::uint64_t count = 1;
  for (std::size_t d = 0; d < rank; ++d) {
    std::array<std::uint8_t, 4> big{};
    if (file.read(big.data(), big.size()) < big.size()) file.fail("is truncated within its header");
    const std::uint64_t dim =
        (std::uint64_t{big[0]} << 24) | (std::uint64_t{big[1]} << 16) | (std::uint64_t{big[2]} << 8) | big[3];
    if (dim == 0 && d > 0) file.fail("has a sample dimension of 0");
    if (dim != 0 && count > std::numeric_limits<std::int64_t>::max() / dim)
      file.fail("has impossibly large dimensions");
    count *= dim;
    array.dims.push_back(static_cast<Index>(dim));
  }
  if (file.cannot_hold(count)) file.fail("is truncated: its header promises " + std::to_string(count) + " values");
  array.bytes.resize(count);
  if (const auto read = file.read(array.bytes.data(), count); read < count) {
    file.fail("is truncated: its header promises " + std::to_string(count) + " values, it has " + std::to_string(read));
  }
  if (file.read(magic.data(), 1) != 0) file.fail("has more data than its header says");
  return array;
}

}  // namespace detail

/// Reads an IDX file of unsigned bytes, gzipped or not (told by its content). The first dimension counts the samples; a
/// sample is one value, a flat vector, an image (height, width), or an image (height, width, channels).
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset read_idx(const std::filesystem::path& path) {
  detail::IdxArray array = detail::read_idx_array(path, 1, 4);
  const Shape shape = sample_shape(array.dims);
  return Dataset::from_bytes(std::move(array.bytes), shape);
}

/// Reads an IDX file of labels: one dimension of unsigned bytes, gzipped or not.
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline std::vector<int> read_idx_labels(const std::filesystem::path& path) {
  const detail::IdxArray array = detail::read_idx_array(path, 1, 1);
  return {array.bytes.begin(), array.bytes.end()};
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
