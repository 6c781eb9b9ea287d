#pragma once

#include <array>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/to_byte.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Writes samples as an IDX file of unsigned bytes, whole or not at all: what `read_idx` reads. A value in [0, 1]
/// becomes value x 255, rounded; values beyond are clipped. Flat samples have two dimensions, images of one channel
/// three, others four. Throws std::invalid_argument if a size does not fit 32 bits, std::runtime_error if the file
/// cannot be written.
inline void write_idx(const std::filesystem::path& path, const Dataset& samples) {
  const Shape& shape = samples.shape();
  std::vector<Index> dims{samples.size()};
  if (shape.is_flat()) {
    dims.push_back(shape.channels);
  } else {
    dims.insert(dims.end(), {shape.height, shape.width});
    if (shape.channels > 1) dims.push_back(shape.channels);
  }
  std::string header{'\0', '\0', '\x08', static_cast<char>(dims.size())};
  for (const Index n : dims) {
    if (n > std::numeric_limits<std::uint32_t>::max())
      throw std::invalid_argument("write_idx: " + std::to_string(n) + " is too large for an IDX file");
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(n >> shift & 0xFF);
  }
  std::string bytes;
  std::vector<float> values(static_cast<std::size_t>(samples.features()));
  samples.visit([&](const auto& read) {
    for (Index sample = 0; sample < samples.size(); ++sample) {
      read(sample, 0, samples.features(), values.data());
      for (const float v : values) bytes += static_cast<char>(detail::to_byte(v));
    }
  });
  write_file(path, {header, bytes});
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
