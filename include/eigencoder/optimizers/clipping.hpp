#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/simd.hpp>
#include <span>

namespace eigencoder {

/// The Euclidean norm of a gradient, summed in double.
template <class Scalar>
[[nodiscard]] double norm(std::span<const Scalar> values) {
  const Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>> array(values.data(), static_cast<Index>(values.size()));
  return std::sqrt(array.template cast<double>().square().sum());
}

/// Clips a whole gradient, made of tensors of the given sizes, as the optimiser asks, following Keras:
///   clipvalue c:        every value into [-c, c];
///   clipnorm c:         each tensor whose norm exceeds c is scaled down to norm c;
///   global_clipnorm c:  the whole gradient likewise.
template <class Scalar, class Optimizer, class Sizes>
void clip(const Optimizer& optimizer, std::span<Scalar> gradient, const Sizes& tensor_sizes) {
  const auto shrink = [](std::span<Scalar> values, double largest) {
    const double length = norm(std::span<const Scalar>(values));
    if (length <= largest) return;
    const Scalar factor = static_cast<Scalar>(largest / length);
    for (Scalar& value : values) value *= factor;
  };
  if (optimizer.clipvalue) {
    const Scalar limit = static_cast<Scalar>(*optimizer.clipvalue);
    for (Scalar& value : gradient) value = std::clamp(value, -limit, limit);
  } else if (optimizer.clipnorm) {
    std::size_t first = 0;
    for (const Index size : tensor_sizes) {
      shrink(gradient.subspan(first, static_cast<std::size_t>(size)), *optimizer.clipnorm);
      first += static_cast<std::size_t>(size);
    }
  } else if (optimizer.global_clipnorm) {
    shrink(gradient, *optimizer.global_clipnorm);
  }
}

}  // namespace eigencoder
