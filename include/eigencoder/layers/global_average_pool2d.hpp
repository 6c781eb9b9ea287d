#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/average_pool2d.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The mean of each channel: y(c) = 1/n sum_{i, j} x(c, i, j), n = height x width.  dx(c, i, j) = dy(c) / n.
/// Keras: GlobalAveragePooling2D.
struct GlobalAveragePool2D {
  template <Shape In>
  struct Layer : AveragePool2D<Size{In.height, In.width}>::template Layer<In> {
    static constexpr std::string_view name = "GlobalAveragePool2D";
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
