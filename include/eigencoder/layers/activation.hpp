#pragma once

#include <eigencoder/core/options.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/cells.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/activations.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// An activation as a layer of its own: y = f(x), elementwise.  dx = dy f'(x).
/// Keras: Activation.
template <auto Function>
struct Activation {
  static_assert(options::known<ActivationOption>(Function),
                "Activation: the argument must be an activation, such as relu");
  static_assert(sizeof(detail::RequireActivation<std::remove_const_t<decltype(Function)>>) > 0);

  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "Activation";
    static constexpr Operation operation{Operation::Kind::activation};
    static std::string details() { return to_string(Function); }
    static constexpr auto function = Function;
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    template <class Scalar>
    using Single = kernels::channels::Elementwise<Scalar, Function>;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      for_each_cell(In, [&](Index c, Index i, Index j) { y(c, i, j) = Function.value(x(c, i, j)); });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL> y,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      for_each_cell(In, [&](Index c, Index i, Index j) {
        dx(c, i, j) = Function.gradient(dy(c, i, j), Function.from_output ? y(c, i, j) : x(c, i, j));
      });
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
