#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/cells.hpp>
#include <eigencoder/layers/layer.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The same values under another shape: y[k] = x[k], k counting in (height, width, channels) order.  dx[k] = dy[k].
/// Keras: Reshape.
template <Shape Target>
struct Reshape {
  template <Shape In>
  struct Layer : Stateless {
    static_assert(In.size() == Target.size(), "Reshape: the new shape must hold as many values as the input");

    static constexpr std::string_view name = "Reshape";
    static constexpr Operation operation{Operation::Kind::reshape};
    static constexpr bool keeps_range = true;
    static constexpr Shape input = In;
    static constexpr Shape output = Target;
    template <class Scalar>
    using Single = kernels::channels::View;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      for (Index k = 0; k < In.size(); ++k) y[k] = x[k];
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      for (Index k = 0; k < In.size(); ++k) dx[k] = dy[k];
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
