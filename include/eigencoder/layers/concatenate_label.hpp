#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/codes.hpp>
#include <eigencoder/layers/layer.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Appends the sample's label to a flat map, as one of `Classes` units that is 1 while the others are 0:
/// y = (x, onehot(label)).  dx(k) = dy(k).
///
/// First in the encoder and the decoder of a variational autoencoder it makes a conditional one, which learns p(x |
/// label): `model.sample(10, seed, 7)` draws sevens. The data must be labelled 0 ... Classes - 1, those that are
/// decoded, too: `model.decode(Dataset(codes).with_labels(labels))`. Source: Sohn, Lee, Yan, "Learning structured
/// output representation using deep conditional generative models", 2015.
template <int Classes>
struct ConcatenateLabel {
  static_assert(Classes > 0, "ConcatenateLabel: the number of classes must be at least 1");

  template <Shape In>
  struct Layer : Stateless {
    static_assert(In.is_flat(), "ConcatenateLabel: the input must be flat; put Flatten before it");

    static constexpr std::string_view name = "ConcatenateLabel";
    static constexpr Operation operation{.kind = Operation::Kind::label, .count = Classes};
    static constexpr Shape input = In;
    static constexpr Shape output = Shape{In.size() + Classes};
    static constexpr int classes = Classes;
    template <class Scalar>
    using Single = kernels::channels::LabelledValues<Scalar, Classes>;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      using Scalar = typename Pack::Scalar;
      for (Index k = 0; k < In.size(); ++k) y(k, 0, 0) = x[k];
      // Lanes without a sample repeat the last one.
      int labels[Pack::lanes];
      const auto samples = a.context->samples;
      for (std::size_t l = 0; l < static_cast<std::size_t>(Pack::lanes); ++l)
        labels[l] = a.context->labels[static_cast<std::size_t>(samples[std::min(l, samples.size() - 1)])];
      for (int c = 0; c < Classes; ++c) {
        alignas(simd::alignment) Scalar unit[Pack::lanes];
        for (int l = 0; l < Pack::lanes; ++l) unit[l] = labels[l] == c ? Scalar(1) : Scalar(0);
        y(In.size() + c, 0, 0) = Pack::load(unit);
      }
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted)
        for (Index k = 0; k < In.size(); ++k) dx(k, 0, 0) = dy[k];
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
