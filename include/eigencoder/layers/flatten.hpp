#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/reshape.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// An image as a flat vector, in (height, width, channels) order.
/// Keras: Flatten.
struct Flatten {
  template <Shape In>
  struct Layer : Reshape<Shape{In.size()}>::template Layer<In> {
    static constexpr std::string_view name = "Flatten";
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
