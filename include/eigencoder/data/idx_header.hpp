#pragma once

#include <array>
#include <cstdint>
#include <eigencoder/core/array_size.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// Reads the header of an IDX file of unsigned bytes: two zero bytes, the element type (8), the number of dimensions,
/// each dimension as a big-endian 32-bit number. Returns the dimensions. file.read(to, count) returns how many bytes
/// there were. Throws std::invalid_argument saying what is wrong. Source: LeCun, Cortes, Burges, "The MNIST database".
template <class File>
std::vector<Index> read_idx_header(File& file, std::size_t min_rank, std::size_t max_rank) {
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

  std::vector<Index> dims;
  for (std::size_t d = 0; d < rank; ++d) {
    std::array<std::uint8_t, 4> big{};
    if (file.read(big.data(), big.size()) < big.size()) throw std::invalid_argument("is truncated within its header");
    const std::uint64_t dim =
        (std::uint64_t{big[0]} << 24) | (std::uint64_t{big[1]} << 16) | (std::uint64_t{big[2]} << 8) | big[3];
    if (dim == 0 && d > 0) throw std::invalid_argument("has a sample dimension of 0");
    dims.push_back(static_cast<Index>(dim));
  }
  if (!array_size(dims)) throw std::invalid_argument("has impossibly large dimensions");
  return dims;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
