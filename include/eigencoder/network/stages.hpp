#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/fusion/fuse.hpp>
#include <eigencoder/layers/activation.hpp>

/// From the layers that a user lists to the stages that run: each layer is bound to its input shape, then neighbours
/// that are better done together are rewritten. The rules change neither the result (but for rounding) nor the
/// parameters.
namespace eigencoder::inline EIGENCODER_TARGET::network {

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

/// What stands for a type that is no layer once that has been said, so that nothing else is.
template <Shape In, Shape Out>
struct NoLayer : Stateless {
  static constexpr std::string_view name = "";
  static constexpr Shape input = In;
  static constexpr Shape output = Out;
  template <class Pack, Layout X, class Y>
  static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X>, Y) {}
  template <class Pack, Layout X, Layout Y, Layout DY, class DX>
  static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, Y>,
                       FeatureMap<const Pack, DY>, DX, Gradient<Pack>) {}
};

template <class Unbound, Shape In>
concept BindsTo = requires { typename Unbound::template Layer<In>; };

/// A user's layer bound to its input shape, as a type_identity; refused by a sentence if it is none.
template <class Unbound, Shape In>
constexpr auto bind() {
  static_assert(BindsTo<Unbound, In>,
                "Sequential: an argument is no layer: it has no member `template <Shape In> struct Layer`");
  return std::type_identity<NoLayer<In, In>>{};
}
template <class Unbound, Shape In>
  requires BindsTo<Unbound, In>
constexpr auto bind() {
  using Layer = typename Unbound::template Layer<In>;
  if constexpr (!concepts::Layer<Layer>) {
    (void)detail::RequireLayer<Layer>{};
    if constexpr (detail::HasShapes<Layer>) {
      return std::type_identity<NoLayer<In, Layer::output>>{};
    } else {
      return std::type_identity<NoLayer<In, In>>{};
    }
  } else if constexpr (concepts::Activation<decltype(activation_of<Layer>())>) {
    return std::type_identity<Layer>{};
  } else {
    (void)detail::RequireActivation<decltype(activation_of<Layer>())>{};
    return std::type_identity<NoLayer<In, Layer::output>>{};
  }
}

/// The layers of a user's list, each with its input shape.
template <Shape In, class Bound, class... Layers>
struct Bind {
  using type = Bound;
};
template <Shape In, class... Bound, class First, class... Rest>
struct Bind<In, List<Bound...>, First, Rest...> {
  using Layer = typename decltype(bind<First, In>())::type;
  static_assert(Layer::output.is_valid(), "Sequential: a layer's output has no cells");
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

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
