#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/stages.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Layers one after the other, from inputs of shape In: a type, without data. An encoder or a decoder.
///
///     using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
///
/// Keras: Sequential.
template <Shape In, class... Layers>
struct Sequential {
  static_assert(In.is_valid(), "Sequential: every dimension of the input shape must be at least 1");
  static_assert(sizeof...(Layers) > 0, "Sequential: at least one layer is needed");

  /// The layers bound to their shapes: a network::List.
  using Bound = typename network::Bind<In, network::List<>, Layers...>::type;
  /// What runs: the same, with neighbours rewritten.
  using Stages = network::Stages<Bound>;

  static constexpr Shape input = In;
  static constexpr Shape output = []<class... B>(network::List<B...>) {
    Shape last = In;
    ((last = B::output), ...);
    return last;
  }(Bound{});
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
