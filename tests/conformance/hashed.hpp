#pragma once

#include <algorithm>
#include <cstdint>
#include <eigencoder/core/shape.hpp>
#include <span>
#include <vector>

/// Numbers that Python (hashed.py) and C++ make alike, so that large inputs and weights need not be stored.
namespace test {

using eigencoder::Index;
using eigencoder::Matrix;

/// Number `index` of a stream: a multiple of 2^-24 in [0, 1), exact in float. See hashed.py.
inline double hashed(std::uint64_t stream, std::uint64_t index) {
  std::uint64_t z = ((stream << 32) + 1 + index) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 40) / 16777216.0;
}

/// Images in [0, 1), one a row, three pixels of four black, as in pictures of digits.
template <class Scalar>
Matrix<Scalar> hashed_images(std::uint64_t stream, Index rows, Index columns) {
  return Matrix<Scalar>::NullaryExpr(rows, columns, [&](Index row, Index column) {
    const double uniform = hashed(stream, static_cast<std::uint64_t>(row * columns + column));
    return static_cast<Scalar>(std::max(4 * uniform - 3, 0.0));
  });
}

/// Sets a kernel or bias of these dimensions, in Keras's layout; biases lie within 1/8, kernels within the power of two
/// next to Glorot's limit, which keeps the products exact.
template <class Scalar>
void set_hashed_weights(std::uint64_t stream, const std::vector<Index>& dims, std::span<Scalar> weights) {
  double limit = 1.0 / 8;
  if (dims.size() > 1) {
    const std::size_t last = dims.size() - 1;
    auto fans = static_cast<double>(dims[last] + dims[last - 1]);
    for (std::size_t d = 0; d + 1 < last; ++d) fans *= static_cast<double>(dims[d]);
    limit = 1;
    while (limit * limit < fans / 6) limit *= 2;
    limit = 1 / limit;
  }
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<Scalar>((2 * hashed(stream, i) - 1) * limit);
}

}  // namespace test
