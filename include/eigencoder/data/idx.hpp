#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/idx_header.hpp>
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

/// Reads an IDX file: its header, then the elements. Throws std::invalid_argument saying what is wrong.
inline IdxArray read_idx_array(const std::filesystem::path& path, std::size_t min_rank, std::size_t max_rank) {
  UnpackedFile file(path);
  IdxArray array;
  array.dims = read_idx_header(file, min_rank, max_rank);
  const auto count = static_cast<std::uint64_t>(*array_size(array.dims));
  array.bytes = file.read(count);
  if (array.bytes.size() < count) {
    throw std::invalid_argument("is truncated: its header promises " + std::to_string(count) + " values, it has " +
                                std::to_string(array.bytes.size()));
  }
  std::uint8_t more = 0;
  if (file.read(&more, 1) != 0) throw std::invalid_argument("has more data than its header says");
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
