#pragma once

#include <cstring>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/idx_header.hpp>
#include <eigencoder/data/mapped_file.hpp>
#include <eigencoder/data/npy.hpp>
#include <filesystem>
#include <memory>

/// Data larger than memory: datasets that lie in files, whose parts the system reads when they are needed.
///
/// Train on them with FitOptions::shuffle_block, so that samples that lie beside each other are used together, and the
/// next are read ahead: with the same order as in memory the result is the same, bit for bit. The file must stay as it
/// is as long as there is a dataset of it, see MappedFile.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// Reads a mapped file from front to back.
class MappedReader {
 public:
  explicit MappedReader(std::span<const std::byte> bytes) : left_(bytes) {}
  std::size_t read(void* to, std::size_t count) {
    const std::size_t found = std::min(count, left_.size());
    std::memcpy(to, left_.data(), found);
    left_ = left_.subspan(found);
    return found;
  }
  [[nodiscard]] std::span<const std::byte> left() const { return left_; }

 private:
  std::span<const std::byte> left_;
};

}  // namespace detail

/// The samples of an IDX file of unsigned bytes, not gzipped, in place: see read_idx.
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset map_idx(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] {
    const auto file = std::make_shared<const MappedFile>(path);
    detail::MappedReader reader(file->bytes());
    if (file->size() > 2 && file->bytes()[0] == std::byte{0x1f} && file->bytes()[1] == std::byte{0x8b})
      throw std::invalid_argument("is gzipped, and only what is not can be mapped: unpack it, or use read_idx");
    const std::vector<Index> dims = detail::read_idx_header(reader, 1, 4);
    const auto count = static_cast<std::size_t>(*array_size(dims));
    if (reader.left().size() != count)
      throw std::invalid_argument("has " + std::to_string(reader.left().size()) + " values, its header promises " +
                                  std::to_string(count));
    return Dataset::mapped<std::uint8_t>(file, file->size() - count, dims[0], sample_shape(dims));
  });
}

/// The samples of a NumPy file of float32, float64 or uint8 in place: see read_npy.
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset map_npy(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] {
    detail::RegularFile head(path);
    const detail::NpyHeader header = detail::read_npy_header(head);
    const std::size_t rank = header.shape.size();
    if (rank < 1 || rank > 4)
      throw std::invalid_argument("has " + std::to_string(rank) + " dimensions, expected 1 to 4");
    if (header.fortran_order && rank > 1)
      throw std::invalid_argument(
          "is in Fortran's order, in which samples do not lie one after the other; expected C's");
    const auto file = std::make_shared<const MappedFile>(path);
    const std::size_t offset = head.size() - head.left();
    const auto place = [&]<class Stored>(Stored) {
      const auto bytes = static_cast<std::uint64_t>(*array_size(header.shape));
      if (head.left() % sizeof(Stored) != 0 || head.left() / sizeof(Stored) != bytes)
        throw std::invalid_argument("has " + std::to_string(head.left()) + " bytes of values, its header promises " +
                                    std::to_string(bytes) + " values of " + std::to_string(sizeof(Stored)));
      return Dataset::mapped<Stored>(file, offset, header.shape[0], sample_shape(header.shape));
    };
    if (header.type == "|u1") return place(std::uint8_t{});
    if (header.type == "<f4") return place(float{});
    if (header.type == "<f8") return place(double{});
    throw std::invalid_argument("has type " + header.type + ", expected float32, float64 or uint8");
  });
}

/// Samples of this shape that lie in a file one after the other, in the machine's own byte order, from the byte
/// `offset` on to the file's end. Stored: float, double or std::uint8_t, which stands for byte / 255. Throws
/// std::runtime_error naming the file and what is wrong with it.
template <class Stored>
[[nodiscard]] Dataset map_raw(const std::filesystem::path& path, const Shape& shape, std::size_t offset = 0) {
  static_assert(std::is_same_v<Stored, float> || std::is_same_v<Stored, double> || std::is_same_v<Stored, std::uint8_t>,
                "map_raw: values must be float, double or std::uint8_t");
  return detail::naming_file(path, [&] {
    const auto file = std::make_shared<const MappedFile>(path);
    if (!shape.is_valid()) throw std::invalid_argument("cannot have samples of shape " + to_string(shape));
    const auto size = static_cast<std::size_t>(shape.size()) * sizeof(Stored);
    if (offset > file->size() || (file->size() - offset) % size != 0)
      throw std::invalid_argument("has " + std::to_string(file->size()) + " bytes, of which those from " +
                                  std::to_string(offset) + " on are not a whole number of samples of " +
                                  std::to_string(size));
    return Dataset::mapped<Stored>(file, offset, static_cast<Index>((file->size() - offset) / size), shape);
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
