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

/// From a file, or what else has size(), left() and read(out, count).
/// Throws std::invalid_argument saying what is wrong.
template <class Source>
NpyHeader read_npy_header(Source& file) {
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

/// Calls f(value) with a value of the type that a header names. Throws std::invalid_argument if there is none.
template <class Function>
decltype(auto) with_npy_type(const std::string& type, const Function& f) {
  if (type == "<f4") return f(float{});
  if (type == "<f8") return f(double{});
  if (type == "|u1" || type == "|b1") return f(std::uint8_t{});
  if (type == "|i1") return f(std::int8_t{});
  if (type == "<i2") return f(std::int16_t{});
  if (type == "<u2") return f(std::uint16_t{});
  if (type == "<i4") return f(std::int32_t{});
  if (type == "<u4") return f(std::uint32_t{});
  if (type == "<i8") return f(std::int64_t{});
  if (type == "<u8") return f(std::uint64_t{});
  throw std::invalid_argument("has type " + type + ", expected float32, float64, bool or an integer, little-endian");
}

/// Reads as many values as an array's header promises into what `make(how many)` gives the memory of.
/// Throws std::invalid_argument if there are not that many.
template <class Stored, class Source, class Make>
void read_npy_values(Source& file, const NpyHeader& header, const Make& make) {
  const auto count = static_cast<std::uint64_t>(*array_size(header.shape));
  if (file.left() % sizeof(Stored) != 0 || file.left() / sizeof(Stored) != count) {
    throw std::invalid_argument("has " + std::to_string(file.left()) + " bytes of values, its header promises " +
                                std::to_string(count) + " values of " + std::to_string(sizeof(Stored)));
  }
  Stored* const values = make(count);
  file.read(values, count * sizeof(Stored));
}

/// What an array's values are kept as: floats where these hold all values of the type.
template <class Stored>
using NpyNumber = std::conditional_t<std::is_same_v<Stored, float> || (sizeof(Stored) <= 2), float, double>;

/// Throws std::invalid_argument saying what is wrong.
template <class Source>
Dataset read_npy(Source file) {
  const NpyHeader header = read_npy_header(file);
  const std::size_t rank = header.shape.size();
  if (rank < 1 || rank > 4) throw std::invalid_argument("has " + std::to_string(rank) + " dimensions, expected 1 to 4");
  if (header.fortran_order && rank > 2)
    throw std::invalid_argument("is in Fortran's order, expected C's for an array of more than two dimensions");
  const Shape shape = sample_shape(header.shape);
  if (!shape.is_valid()) throw std::invalid_argument("has a sample dimension of 0");
  const Index count = header.shape[0], features = shape.size();

  return with_npy_type(header.type, [&]<class Stored>(Stored) {
    if constexpr (std::is_floating_point_v<Stored>)
      if (!header.fortran_order) {  // as it is to be kept
        Matrix<Stored> samples;
        read_npy_values<Stored>(file, header, [&](std::uint64_t) {
          samples.resize(count, features);
          return samples.data();
        });
        return Dataset(std::move(samples), shape);
      }
    std::vector<Stored> values;
    read_npy_values<Stored>(file, header, [&](std::uint64_t total) {
      values.resize(total);
      return values.data();
    });
    using Step = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
    const Eigen::Map<const Matrix<Stored>, 0, Step> samples(values.data(), count, features,
                                                            header.fortran_order ? Step(1, count) : Step(features, 1));
    if constexpr (std::is_same_v<Stored, std::uint8_t>)
      if (header.type == "|u1") {
        std::vector<std::uint8_t> bytes(values.size());
        Eigen::Map<Matrix<std::uint8_t>>(bytes.data(), count, features) = samples;
        return Dataset::from_bytes(std::move(bytes), shape);
      }
    return Dataset(Matrix<NpyNumber<Stored>>(samples.template cast<NpyNumber<Stored>>()), shape);
  });
}

}  // namespace detail

/// Reads an array as NumPy's `save` writes it: float32, float64, uint8 (bytes stand for byte / 255), bool or another
/// integer, which stand for themselves; in C's order, or in Fortran's if it has at most two dimensions.
/// The first dimension counts the samples; a sample is one value, a flat vector, an image (height, width), or an image
/// (height, width, channels). Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset read_npy(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] { return detail::read_npy(detail::RegularFile(path)); });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
