#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/random/lane_random.hpp>
#include <eigencoder/simd/logistic_interval.hpp>
#include <numbers>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A code that is to be stored: whole numbers, and what they cost under a prior that is learnt with them.
///
///   y(c, i, j) = x(c, i, j) + u, u uniform in [-1/2, 1/2), in training;   y = x rounded, otherwise.
///
/// Noise stands for rounding since it has the same width and lets gradients through: dy/dx = 1. It is a function of
/// (seed, epoch, layer, sample, place). To the model's loss the layer adds the code's length in bits, averaged over
/// the samples, under a logistic distribution for each channel c with the location m(c) and the scale s(c) = exp(r(c)):
///
///   R = sum -log2 P(y),   P(y) = f(a) - f(b) = f(a) f(-b) (1 - exp(b - a)),   a, b = (y - m +- 1/2) / s,
///
/// where f(t) = 1 / (1 + exp(-t)). In units of 1 / log(2), the gradients of one value's -log P(y) are
///   dy = (f(a) + f(b) - 1) / s,   dm = -dy,   dr = a f(-a) - b f(b) + (1/s) / (exp(1/s) - 1).
///
/// Put it at the end of an encoder and train with RateDistortion; Codec turns the codes into bytes. Tensors: location
/// and log_scale (channels). Reports "rate", the bits of a sample. Source: Ballé, Minnen, Singh, Hwang, Johnston,
/// "Variational image compression with a scale hyperprior", 2018, whose prior is more flexible.
struct QuantizedLatent {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "QuantizedLatent";
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    static constexpr std::array tensors{Tensor{"location", In.channels}, Tensor{"log_scale", In.channels}};

    static constexpr std::size_t measures = 1;
    static constexpr bool adds_loss = true;

    /// What forward gave.
    template <class Pack>
    static constexpr Index cache_size = In.size();

    template <class Scalar, class Random>
    static void initialize(std::span<Scalar> parameters, Random&) {
      std::ranges::fill(parameters, Scalar(0));
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      const bool training = a.context->training;
      LaneRandom<Pack> random(Philox(a.context->seed, Stream::latent, a.context->epoch, a.layer), a.context->samples);
      Pack rate(0);
      int k = 0;
      for (Index c = 0; c < In.channels; ++c) {
        const Prior<Pack> prior(a, c);
        for_each_cell({In.height, In.width, 1}, [&](Index, Index i, Index j) {
          if (training && k % 4 == 0) random.draw(static_cast<std::uint64_t>(k / 4));
          const Pack value = training ? x(c, i, j) + random.uniform(k % 4) - Pack(half<Pack>)
                                      : x(c, i, j).map([](auto v) { return std::nearbyint(v); });
          a.cache[k++] = value;
          y(c, i, j) = value;
          if (a.measures != nullptr) rate += prior.interval(value).cost;
        });
      }
      if (a.measures != nullptr) a.measures[0] += static_cast<double>(sum(a.weight * rate)) / std::numbers::ln2;
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
      const Pack bits = a.weight * Pack(static_cast<typename Pack::Scalar>(1 / std::numbers::ln2));
      int k = 0;
      for (Index c = 0; c < In.channels; ++c) {
        const Prior<Pack> prior(a, c);
        Pack location(0), log_scale(0);
        for_each_cell({In.height, In.width, 1}, [&](Index, Index i, Index j) {
          const Pack value = a.cache[k++];
          const auto interval = prior.interval(value);
          const Pack pull = bits * (interval.lower - interval.upper) * prior.inverse_scale;
          if constexpr (DX::wanted) dx(c, i, j) = dy(c, i, j) + pull;
          location -= pull;
          log_scale += bits * (prior.above(value) * interval.upper - prior.below(value) * interval.lower +
                               prior.inverse_scale * interval.width);
        });
        gradient.parameters[static_cast<std::size_t>(c)] += sum(location);
        gradient.parameters[static_cast<std::size_t>(In.channels + c)] += sum(log_scale);
      }
    }

    template <class Function>
    static void report(std::span<const double> means, Function&& f) {
      f(std::string_view("rate"), means[0]);
    }

   private:
    template <class Pack>
    static constexpr auto half = static_cast<typename Pack::Scalar>(0.5);

    /// A channel's distribution.
    template <class Pack>
    struct Prior {
      Pack location, inverse_scale;

      Prior(const Arguments<Pack>& a, Index c)
          : location(a.parameters[static_cast<std::size_t>(c)]),
            inverse_scale(std::exp(-a.parameters[static_cast<std::size_t>(In.channels + c)])) {}

      Pack above(Pack y) const { return (y - location + Pack(half<Pack>)) * inverse_scale; }
      Pack below(Pack y) const { return (y - location - Pack(half<Pack>)) * inverse_scale; }
      LogisticInterval<Pack> interval(Pack y) const { return {above(y), below(y), inverse_scale}; }
    };
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
