#pragma once

#include <bit>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/npy_header.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

static_assert(std::endian::native == std::endian::little,
              "npy: the arrays read are little-endian, and so must be the machine");

namespace detail {

/// Throws std::invalid_argument saying what is wrong.
inline NpyHeader read_npy_header(RegularFile& file) {
  constexpr std::string_view magic("\x93NUMPY", 6);
  char start[8] = {};
  if (file.size() >= sizeof start) file.read(start, sizeof start);
  if (std::string_view(start, magic.size()) != magic) throw std::invalid_argument("is not a NumPy file");
  const auto version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3 || start[7] != 0) {
    throw std::invalid_argument("has version " + std::to_string(version) + "." + std::to_string(start[7]) +
                                " of the format, expected 1.0, 2.0 or 3.0");
  }
  std::uint32_t size = 0;
  const std::size_t size_bytes = version == 1 ? 2 : 4;
  if (size_bytes <= file.left()) file.read(&size, size_bytes);
  if (size == 0 || size > file.left()) throw std::invalid_argument("is truncated within its header");
  constexpr std::uint32_t largest = 10000;  // NumPy's own limit
  if (size > largest) {
    throw std::invalid_argument("has a header of " + std::to_string(size) + " bytes, expected at most " +
                                std::to_string(largest));
  }
  std::string text(size, '\0');
  file.read(text.data(), text.size());
  return NpyHeader(text);
}

/// Throws std::invalid_argument saying what is wrong.
inline Dataset read_npy(RegularFile file) {
  const NpyHeader header = read_npy_header(file);
  const std::size_t rank = header.shape.size();
  if (rank < 1 || rank > 4) throw std::invalid_argument("has " + std::to_string(rank) + " dimensions, expected 1 to 4");
  const std::uint64_t width = header.type == "<f4" ? 4 : header.type == "<f8" ? 8 : header.type == "|u1" ? 1 : 0;
  if (width == 0) throw std::invalid_argument("has type " + header.type + ", expected float32, float64 or uint8");
  const auto count = static_cast<std::uint64_t>(*array_size(header.shape));
  if (file.left() % width != 0 || file.left() / width != count) {
    throw std::invalid_argument("has " + std::to_string(file.left()) + " bytes of values, its header promises " +
                                std::to_string(count) + " values of " + std::to_string(width));
  }

  const Shape shape = sample_shape(header.shape);
  if (!shape.is_valid()) throw std::invalid_argument("has a sample dimension of 0");
  if (width == 1) {
    std::vector<std::uint8_t> values(count);
    file.read(values.data(), count);
    return Dataset::from_bytes(std::move(values), shape);
  }
  const auto numbers = [&]<class Stored>(Stored) {
    Matrix<Stored> values(header.shape[0], shape.size());
    file.read(values.data(), count * sizeof(Stored));
    return Dataset(std::move(values), shape);
  };
  return width == 4 ? numbers(float{}) : numbers(double{});
}

}  // namespace detail

/// Reads an array of float32, float64 or uint8 (bytes stand for byte / 255) as NumPy's `save` writes it, in C's order.
/// The first dimension counts the samples; a sample is one value, a flat vector, an image (height, width), or an image
/// (height, width, channels). Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset read_npy(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] { return detail::read_npy(detail::RegularFile(path)); });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
