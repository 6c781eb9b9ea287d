#pragma once

#include <eigencoder/core/range.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/network/stages.hpp>
#include <optional>

namespace eigencoder::inline EIGENCODER_TARGET::network {

/// Where a bound layer's outputs lie, given where its inputs do; nothing if nobody knows.
template <class Layer>
constexpr std::optional<Range> range_after(std::optional<Range> before) {
  if constexpr (requires { Layer::activation.range(); }) {
    return Layer::activation.range();
  } else if constexpr (requires { Layer::function.range(); }) {
    return Layer::function.range();
  } else if constexpr (requires { requires Layer::keeps_range; }) {
    return before;
  } else {
    return std::nullopt;
  }
}

template <class... Layers>
constexpr std::optional<Range> range_of(List<Layers...>) {
  std::optional<Range> range;
  ((range = range_after<Layers>(range)), ...);
  return range;
}

/// Where a model's reconstructions lie by the last activation of its decoder; nothing if nobody knows.
template <class Model>
inline constexpr std::optional<Range> output_range = range_of(typename Model::Decoder::Bound{});

/// Whether a loss is defined for what a model gives, as far as one knows.
template <class Model, class Loss>
inline constexpr bool output_suits = !output_range<Model> || domain_of<Loss>.contains(*output_range<Model>);

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
