#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/normalization.hpp>
#include <eigencoder/layers/layer.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Every cell's channels, C in number, brought to mean 0 and variance 1, then scaled and shifted by channel:
///   m = 1/C sum_c x(c),   v = 1/C sum_c (x(c) - m)^2,   n(c) = (x(c) - m) / sqrt(v + 0.001),   y(c) = gamma(c) n(c) +
///   beta(c).
///
/// With g(c) = gamma(c) dy(c) and means over the channels:
///   dx(c) = (g(c) - mean(g) - n(c) mean(g n)) / sqrt(v + 0.001);   dgamma(c) += n(c) dy(c),   dbeta(c) += dy(c),
/// summed over the cells. Shapes: gamma (C), beta (C); they start as ones and zeros.
/// Source: Ba, Kiros, Hinton, "Layer normalization", 2016. Keras: LayerNormalization.
struct LayerNormalization {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "LayerNormalization";
    static constexpr Operation operation{Operation::Kind::normalization};
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    static constexpr std::array tensors{Tensor{"gamma", In.channels}, Tensor{"beta", In.channels}};

    static constexpr double epsilon = 1e-3;

    template <class Scalar>
    using Single = kernels::channels::Normalization<Scalar, Layer>;

    /// Each cell's mean and 1 / sqrt(v + epsilon).
    template <class Pack>
    static constexpr Index cache_size = 2 * In.height * In.width;

    template <class Scalar, class Random>
    static void initialize(std::span<Scalar> parameters, Random&) {
      const auto channels = static_cast<std::size_t>(In.channels);
      std::ranges::fill(parameters.first(channels), Scalar(1));
      std::ranges::fill(parameters.subspan(channels), Scalar(0));
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      using Scalar = typename Pack::Scalar;
      const Scalar* gamma = a.parameters.data();
      const Scalar* beta = gamma + In.channels;
      const Pack share = Scalar(1) / static_cast<Scalar>(In.channels);
      Pack* cache = a.cache;
      for_each_cell({In.height, In.width, 1}, [&](Index, Index i, Index j) {
        Pack total(0), squares(0);
        for (Index c = 0; c < In.channels; ++c) total += x(c, i, j);
        const Pack mean = total * share;
        for (Index c = 0; c < In.channels; ++c) {
          const Pack distance = x(c, i, j) - mean;
          squares = multiply_add(distance, distance, squares);
        }
        const Pack inverse = Pack(1) / sqrt(multiply_add(squares, share, Pack(static_cast<Scalar>(epsilon))));
        for (Index c = 0; c < In.channels; ++c)
          y(c, i, j) = multiply_add((x(c, i, j) - mean) * inverse, Pack(gamma[c]), Pack(beta[c]));
        *cache++ = mean;
        *cache++ = inverse;
      });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
      using Scalar = typename Pack::Scalar;
      const auto normalized = [&](Index c, Index i, Index j) {
        const Pack* cell = a.cache + 2 * (i * In.width + j);
        return (x(c, i, j) - cell[0]) * cell[1];
      };
      for (Index c = 0; c < In.channels; ++c) {
        Pack scaled(0), shifted(0);
        for_each_cell({In.height, In.width, 1}, [&](Index, Index i, Index j) {
          scaled = multiply_add(normalized(c, i, j), dy(c, i, j), scaled);
          shifted += dy(c, i, j);
        });
        gradient.parameters[static_cast<std::size_t>(c)] += sum(scaled);
        gradient.parameters[static_cast<std::size_t>(In.channels + c)] += sum(shifted);
      }
      if constexpr (DX::wanted) {
        const Pack share = Scalar(1) / static_cast<Scalar>(In.channels);
        for_each_cell({In.height, In.width, 1}, [&](Index, Index i, Index j) {
          Pack g_total(0), gn_total(0);
          const auto g = [&](Index c) { return dy(c, i, j) * Pack(a.parameters[static_cast<std::size_t>(c)]); };
          for (Index c = 0; c < In.channels; ++c) {
            g_total += g(c);
            gn_total = multiply_add(g(c), normalized(c, i, j), gn_total);
          }
          const Pack mean_g = g_total * share, mean_gn = gn_total * share;
          const Pack inverse = a.cache[2 * (i * In.width + j) + 1];
          for (Index c = 0; c < In.channels; ++c)
            dx(c, i, j) = (g(c) - mean_g - normalized(c, i, j) * mean_gn) * inverse;
        });
      }
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
