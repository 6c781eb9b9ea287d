#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <optional>
#include <span>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// Gradient clipping, at most one of Keras's three:
///   clipvalue c:          g <- min(max(g, -c), c);
///   clipnorm c:           each tensor's g <- g min(1, c / |g|);
///   global_clipnorm c:    all of g <- g min(1, c / |g|).
class Clipping {
 public:
  template <class Optimizer>
  Clipping(const Optimizer& optimizer, std::vector<Index> tensor_sizes) {
    if constexpr (requires { optimizer.clipvalue; }) value_ = optimizer.clipvalue;
    if constexpr (requires { optimizer.clipnorm; }) norm_ = optimizer.clipnorm;
    if constexpr (requires { optimizer.global_clipnorm; }) {
      if (optimizer.global_clipnorm) {
        norm_ = optimizer.global_clipnorm;
        Index all = 0;
        for (const Index size : tensor_sizes) all += size;
        tensor_sizes = {all};
      }
    }
    sizes_ = std::move(tensor_sizes);
  }

  /// Clips a whole gradient.
  template <class Scalar>
  void apply(std::span<Scalar> gradient) const {
    if (value_) {
      const auto c = static_cast<Scalar>(*value_);
      for (Scalar& g : gradient) g = std::min(std::max(g, -c), c);
    }
    if (norm_) {
      for (const Index size : sizes_) {
        const auto tensor = gradient.first(static_cast<std::size_t>(size));
        double squares = 0;
        for (const Scalar g : tensor) squares += static_cast<double>(g) * static_cast<double>(g);
        if (const double norm = std::sqrt(squares); norm > *norm_) {
          const auto factor = static_cast<Scalar>(*norm_ / norm);
          for (Scalar& g : tensor) g *= factor;
        }
        gradient = gradient.subspan(tensor.size());
      }
    }
  }

  [[nodiscard]] bool active() const { return value_ || norm_; }

 private:
  std::optional<double> value_;
  std::optional<double> norm_;
  std::vector<Index> sizes_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
