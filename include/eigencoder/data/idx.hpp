#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
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
  /// Throws std::invalid_argument, as all members do, saying what is wrong.
  explicit UnpackedFile(const std::filesystem::path& path)
      : packed_size_(regular_file_size(path)), file_(gzopen(path.c_str(), "rb")) {
    if (!file_) throw std::invalid_argument("cannot be opened");
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
      if (code == Z_BUF_ERROR) throw std::invalid_argument("the gzip stream is cut short");
      if (n < 0 || code != Z_OK) throw std::invalid_argument(std::string("cannot be read: ") + message);
      if (n == 0) break;
      done += static_cast<std::uint64_t>(n);
    }
    return done;
  }

  /// The next `count` bytes, or those that are left. Memory grows with the bytes that come, not with those that a
  /// header promises: a small gzip stream may stand for gigabytes, or pretend to. To be called after a first read.
  std::vector<std::uint8_t> read(std::uint64_t count) {
    std::vector<std::uint8_t> bytes;
    std::uint64_t done = 0;
    for (std::uint64_t room = gzdirect(file_.get()) != 0 ? packed_size_ : 1u << 16; done < count; room *= 2) {
      bytes.resize(std::min(count, room));
      done += read(bytes.data() + done, bytes.size() - done);
      if (done < bytes.size()) break;
    }
    bytes.resize(done);
    return bytes;
  }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };

  std::uint64_t packed_size_;
  std::unique_ptr<gzFile_s, Close> file_;
};

/// Reads the IDX format: two zero bytes, the element type (8: unsigned bytes), the number of dimensions, each dimension
/// as a big-endian 32-bit number, then the elements. Source: LeCun, Cortes, Burges, "The MNIST database". Throws
/// std::invalid_argument saying what is wrong.
inline IdxArray read_idx_array(const std::filesystem::path& path, std::size_t min_rank, std::size_t max_rank) {
  UnpackedFile file(path);
  std::array<std::uint8_t, 4> magic{};
  const auto got = file.read(magic.data(), magic.size());
  if (got == 0) throw std::invalid_argument("is empty, expected an IDX file");
  if (got < magic.size() || magic[0] != 0 || magic[1] != 0) throw std::invalid_argument("is not an IDX file");
  if (magic[2] != 8) {
    throw std::invalid_argument("is not an IDX file of unsigned bytes: its element type is " +
                                std::to_string(magic[2]) + ", expected 8");
  }
  const std::size_t rank = magic[3];
  if (rank < min_rank || rank > max_rank) {
    throw std::invalid_argument("has " + std::to_string(rank) + " dimensions, expected " + std::to_string(min_rank) +
                                (min_rank == max_rank ? "" : " to " + std::to_string(max_rank)));
  }

  IdxArray array;
  for (std::size_t d = 0; d < rank; ++d) {
    std::array<std::uint8_t, 4> big{};
    if (file.read(big.data(), big.size()) < big.size()) throw std::invalid_argument("is truncated within its header");
    const std::uint64_t dim =
        (std::uint64_t{big[0]} << 24) | (std::uint64_t{big[1]} << 16) | (std::uint64_t{big[2]} << 8) | big[3];
    if (dim == 0 && d > 0) throw std::invalid_argument("has a sample dimension of 0");
    array.dims.push_back(static_cast<Index>(dim));
  }
  const auto size = array_size(array.dims);
  if (!size) throw std::invalid_argument("has impossibly large dimensions");
  const auto count = static_cast<std::uint64_t>(*size);
  array.bytes = file.read(count);
  if (array.bytes.size() < count) {
    throw std::invalid_argument("is truncated: its header promises " + std::to_string(count) + " values, it has " +
                                std::to_string(array.bytes.size()));
  }
  if (file.read(magic.data(), 1) != 0) throw std::invalid_argument("has more data than its header says");
  return array;
}

}  // namespace detail

/// Reads an IDX file of unsigned bytes, gzipped or not (told by its content). The first dimension counts the samples; a
/// sample is one value, a flat vector, an image (height, width), or an image (height, width, channels).
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset read_idx(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] {
    detail::IdxArray array = detail::read_idx_array(path, 1, 4);
    const Shape shape = sample_shape(array.dims);
    return Dataset::from_bytes(std::move(array.bytes), shape);
  });
}

/// Reads an IDX file of labels: one dimension of unsigned bytes, gzipped or not.
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline std::vector<int> read_idx_labels(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] {
    const detail::IdxArray array = detail::read_idx_array(path, 1, 1);
    return std::vector<int>(array.bytes.begin(), array.bytes.end());
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
