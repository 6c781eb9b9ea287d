#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/cells.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/random/lane_random.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A probability as a template argument, `Dropout<0.5>`.
struct Rate {
  double value;
  constexpr explicit(false) Rate(double v) : value(v) {}
};

/// Inverted dropout: in training, y(k) = x(k) / (1 - rate) with probability 1 - rate, else 0, and dx(k) = dy(k) times
/// the same factor; otherwise y = x. The choice is a function of (seed, epoch, layer, sample, k), drawn again for the
/// gradient. Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout", 2014. Keras: Dropout.
template <Rate R>
struct Dropout {
  static_assert(R.value >= 0 && R.value < 1, "Dropout: the rate must be in [0, 1)");

  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "Dropout";
    static constexpr Operation operation{Operation::Kind::identity};
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    template <class Scalar>
    using Single = kernels::channels::View;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      apply(a, x, y);
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted) apply(a, dy, dx);
    }

   private:
    template <class Pack, Layout From, class To>
    static void apply(const Arguments<Pack>& a, FeatureMap<const Pack, From> from, const To& to) {
      using Scalar = typename Pack::Scalar;
      if (!a.context->training) {
        for_each_cell(In, [&](Index c, Index i, Index j) { to(c, i, j) = from(c, i, j); });
        return;
      }
      constexpr auto threshold = static_cast<std::uint32_t>(R.value * 0x1p32);
      constexpr auto scale = static_cast<Scalar>(1 / (1 - R.value));
      LaneRandom<Pack> random(Philox(a.context->seed, Stream::dropout, a.context->epoch, a.layer), a.context->samples);
      int k = 0;
      for_each_cell(In, [&](Index c, Index i, Index j) {
        if (k % 4 == 0) random.draw(static_cast<std::uint64_t>(k / 4));
        to(c, i, j) = from(c, i, j) * random.value_above(k % 4, threshold, scale);
        ++k;
      });
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
