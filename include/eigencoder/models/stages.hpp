#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/activation.hpp>
#include <eigencoder/layers/fusion.hpp>

/// From the layers that a user lists to the stages that run: each layer is bound to its input shape, then neighbours
/// that are better done together are rewritten. The rules change neither the result (but for rounding) nor the
/// parameters.
namespace eigencoder::inline EIGENCODER_TARGET::models {

template <class... Types>
struct List {
  static constexpr int size = static_cast<int>(sizeof...(Types));
  template <class... More>
  using Append = List<Types..., More...>;
};

/// A layer whose output goes through an activation as it is written; it does the work of `Covered` of the user's
/// layers.
template <class Layer_, auto Activation, int Covered = 1>
struct Stage {
  using Layer = Layer_;
  static constexpr auto activation = Activation;
  static constexpr int covered = Covered;
};

/// A bound layer's activation option; linear if it has none.
template <class Layer>
constexpr auto activation_of() {
  if constexpr (requires { Layer::activation; }) {
    return Layer::activation;
  } else {
    return linear;
  }
}

/// The layers of a user's list, each with its input shape.
template <Shape In, class Bound, class... Layers>
struct Bind {
  using type = Bound;
};
template <Shape In, class... Bound, class First, class... Rest>
struct Bind<In, List<Bound...>, First, Rest...> {
  using Layer = typename First::template Layer<In>;
  static_assert(Layer::output.is_valid(), "a layer's output has no cells");
  using type = typename Bind<Layer::output, List<Bound..., Layer>, Rest...>::type;
};

/// Rule: an activation whose derivative needs its input, not only its output, becomes a stage of its own that keeps it.
template <class Layer, int Covered = 1>
constexpr auto stages_of_layer() {
  constexpr auto f = activation_of<Layer>();
  if constexpr (f.from_output) {
    return List<Stage<Layer, f, Covered>>{};
  } else {
    return List<Stage<Layer, linear, Covered>,
                Stage<typename Activation<f>::template Layer<Layer::output>, linear, 0>>{};
  }
}

template <class... A, class... B>
constexpr auto operator+(List<A...>, List<B...>) {
  return List<A..., B...>{};
}

/// Rule: neighbours that `Fuse` knows become one stage.
constexpr auto stages(List<>) { return List<>{}; }
template <class Last>
constexpr auto stages(List<Last>) {
  return stages_of_layer<Last>();
}
template <class First, class Second, class... Rest>
constexpr auto stages(List<First, Second, Rest...>) {
  if constexpr (Fuse<First, Second>::applies) {
    return stages_of_layer<typename Fuse<First, Second>::type, 2>() + stages(List<Rest...>{});
  } else {
    return stages_of_layer<First>() + stages(List<Second, Rest...>{});
  }
}

/// The stages of a list of bound layers.
template <class Bound>
using Stages = decltype(stages(Bound{}));

/// The same stages, but the last one linear: for a loss that takes logits.
template <class... Stages>
struct Logits;
template <class Layer, auto Activation, int Covered>
struct Logits<List<Stage<Layer, Activation, Covered>>> {
  using type = List<Stage<Layer, linear, Covered>>;
};
template <class First, class... Rest>
struct Logits<List<First, Rest...>> {
  using type = decltype(List<First>{} + typename Logits<List<Rest...>>::type{});
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::models
