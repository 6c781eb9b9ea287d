#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// What stands before an array's values in a .npy file of version 1.0: the whole a multiple of 64 bytes, so that the
/// values can be mapped. Source: numpy.lib.format's documentation.
inline std::string npy_header(std::string_view type, Index count, const Shape& shape) {
  std::string text = "{'descr': '";
  text.append(type).append("', 'fortran_order': False, 'shape': (").append(std::to_string(count));
  if (!shape.is_flat())
    text.append(", ").append(std::to_string(shape.height)).append(", ").append(std::to_string(shape.width));
  if (shape.is_flat() || shape.channels > 1) text.append(", ").append(std::to_string(shape.channels));
  text.append("), }");
  constexpr std::size_t before = 10, multiple = 64;
  text.resize((before + text.size() + 1 + multiple - 1) / multiple * multiple - before, ' ');
  text.back() = '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 255);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

}  // namespace detail

/// Writes samples as NumPy's `save` does, whole or not at all, as what they are stored as: float32, float64 or uint8. A
/// flat sample is a row, an image (height, width) or (height, width, channels); `read_npy` reads the same. An Eigen
/// matrix, such as codes, may be given as well. Throws std::runtime_error naming the file and the reason, an older file
/// as it was.
inline void write_npy(const std::filesystem::path& path, const Dataset& data) {
  data.visit([&]<class Stored>(const SampleReader<Stored>& read) {
    const auto write = [&]<class Value>(std::string_view type, const Value* values) {
      const std::size_t size = static_cast<std::size_t>(data.size() * data.features()) * sizeof(Value);
      write_file(path, {detail::npy_header(type, data.size(), data.shape()),
                        std::string_view(reinterpret_cast<const char*>(values), size)});
    };
    if constexpr (std::is_same_v<Stored, std::uint8_t>) {
      write("|u1", read.first);  // bytes always lie one after the other
    } else if constexpr (std::is_same_v<Stored, double>) {
      write("<f8", data.matrix<double>().data());
    } else {
      write("<f4", data.matrix<float>().data());
    }
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
