#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

static_assert(std::endian::native == std::endian::little,
              "npy: the arrays read are little-endian, and so must be the machine");

namespace detail {

/// The header of a .npy file, a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
struct NpyHeader {
  std::string type;
  std::vector<Index> shape;

  /// Throws std::invalid_argument saying what is wrong.
  explicit NpyHeader(std::string_view text) {
    type = quoted(value_of(text, "descr"));
    const std::string_view order = value_of(text, "fortran_order");
    if (!order.starts_with("False")) {
      throw std::invalid_argument(order.starts_with("True") ? "is in Fortran's order, expected C's"
                                                            : "has a bad header");
    }
    std::string_view list = value_of(text, "shape");
    if (!list.starts_with('(') || list.find(')') == std::string_view::npos)
      throw std::invalid_argument("has a bad header");
    list = list.substr(1, list.find(')') - 1);
    for (std::uint64_t count = 1; list.find_first_of("0123456789") != std::string_view::npos;) {
      list.remove_prefix(list.find_first_of("0123456789"));
      std::uint64_t n = 0;
      for (; !list.empty() && list.front() >= '0' && list.front() <= '9'; list.remove_prefix(1)) {
        n = n * 10 + static_cast<std::uint64_t>(list.front() - '0');
        if (n > most) throw std::invalid_argument("has impossibly large dimensions");
      }
      if (n != 0 && count > most / n) throw std::invalid_argument("has impossibly large dimensions");
      if (n != 0) count *= n;
      shape.push_back(static_cast<Index>(n));
    }
  }

 private:
  static constexpr std::uint64_t most = std::uint64_t{1} << 56;

  /// What follows `'key':`.
  static std::string_view value_of(std::string_view text, std::string_view key) {
    const std::size_t place = text.find("'" + std::string(key) + "':");
    if (place == std::string_view::npos) throw std::invalid_argument("has a header without " + std::string(key));
    text.remove_prefix(place + key.size() + 3);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text;
  }

  static std::string quoted(std::string_view text) {
    const std::size_t end = text.find('\'', 1);
    if (!text.starts_with('\'') || end == std::string_view::npos) throw std::invalid_argument("has a bad header");
    return std::string(text.substr(1, end - 1));
  }
};

template <class Stored>
void read_npy_values(std::istream& file, Stored* out, Index count) {
  file.read(reinterpret_cast<char*>(out),
            static_cast<std::streamsize>(count) * static_cast<std::streamsize>(sizeof(Stored)));
  if (!file) throw std::invalid_argument("cannot be read");
}

/// Throws std::invalid_argument saying what is wrong.
inline Dataset read_npy(std::istream& file, std::uint64_t file_size) {
  char start[8] = {};
  file.read(start, sizeof start);
  if (!file || std::string_view(start, 6) != std::string_view("\x93NUMPY", 6))
    throw std::invalid_argument("is not a NumPy file");
  std::uint32_t header_size = 0;
  const std::size_t bytes = start[6] == 1 ? 2 : 4;
  file.read(reinterpret_cast<char*>(&header_size), static_cast<std::streamsize>(bytes));
  if (!file || header_size > file_size) throw std::invalid_argument("is truncated within its header");
  std::string text(header_size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file) throw std::invalid_argument("is truncated within its header");

  const NpyHeader header(text);
  const std::size_t rank = header.shape.size();
  if (rank < 1 || rank > 4) throw std::invalid_argument("has " + std::to_string(rank) + " dimensions, expected 1 to 4");
  const std::size_t width = header.type == "<f4" ? 4 : header.type == "<f8" ? 8 : header.type == "|u1" ? 1 : 0;
  if (width == 0) throw std::invalid_argument("has type " + header.type + ", expected float32, float64 or uint8");
  std::uint64_t size = width;
  for (const Index n : header.shape) size *= static_cast<std::uint64_t>(n);
  const std::uint64_t there = file_size - sizeof start - bytes - header_size;
  if (size != there) {
    throw std::invalid_argument("has " + std::to_string(there) + " bytes of values, its header promises " +
                                std::to_string(size));
  }

  const Shape shape = sample_shape(header.shape);
  if (!shape.is_valid()) throw std::invalid_argument("has a sample dimension of 0");
  if (width == 1) {
    std::vector<std::uint8_t> values(size);
    read_npy_values(file, values.data(), static_cast<Index>(size));
    return Dataset::from_bytes(std::move(values), shape);
  }
  const auto numbers = [&]<class Stored>(Stored) {
    Matrix<Stored> values(header.shape[0], shape.size());
    read_npy_values(file, values.data(), values.size());
    return Dataset(std::move(values), shape);
  };
  return width == 4 ? numbers(float{}) : numbers(double{});
}

}  // namespace detail

/// Reads an array of float32, float64 or uint8 (bytes stand for byte / 255) as NumPy's `save` writes it, in C's order.
/// The first dimension counts the samples; a sample is one value, a flat vector, an image (height, width), or an image
/// (height, width, channels). Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset read_npy(const std::filesystem::path& path) {
  try {
    std::ifstream file(path, std::ios::binary);
    if (!std::filesystem::is_regular_file(path) || !file) throw std::invalid_argument("cannot be opened");
    return detail::read_npy(file, std::filesystem::file_size(path));
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
