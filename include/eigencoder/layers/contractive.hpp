#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/dense.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A penalty's weight as a template argument, `Contractive<Dense<64, sigmoid>, 0.1>`.
struct PenaltyWeight {
  double value;
  constexpr explicit(false) PenaltyWeight(double v) : value(v) {}
};

template <class Layer, PenaltyWeight Weight>
struct Contractive;

/// A dense layer h = f(W x + b) that adds to the loss, averaged over the samples, Weight times the squared Frobenius
/// norm of its Jacobian: how much the code answers to small changes of the input.
///
///   |dh/dx|^2 = sum_o f'(z(o))^2 s(o),   s(o) = sum_i w(i, o)^2,
///
/// with dz(o) += Weight 2 f'(z(o)) f''(z(o)) s(o) and dw(i, o) += Weight 2 f'(z(o))^2 w(i, o), both exact. As the
/// encoder's only layer, it makes a contractive autoencoder. Reports "contraction", the mean norm. Source: Rifai,
/// Vincent, Muller, Glorot, Bengio, "Contractive auto-encoders", 2011.
template <Index Units, auto... Options, PenaltyWeight Weight>
struct Contractive<Dense<Units, Options...>, Weight> {
  static_assert(Weight.value >= 0, "Contractive: the weight must be a number >= 0");

  template <Shape In>
  struct Layer : Dense<Units, Options...>::template Layer<In> {
    using Base = typename Dense<Units, Options...>::template Layer<In>;
    using Base::activation, Base::input, Base::output;
    static_assert(detail::HasCurvature<std::remove_const_t<decltype(Base::activation)>>,
                  "Contractive: the activation has no second derivative, `template <class T> T curvature(T v) const`");
    static constexpr std::string_view name = "Contractive Dense";
    /// The penalty's gradient comes on top.
    static constexpr bool sums_kernels = false;

    /// The added loss.
    static constexpr std::size_t measures = 1;
    static constexpr bool adds_loss = true;

    /// s, in whole cache lines, then the dense layer's own.
    static constexpr Index norms_size = (Units + 15) / 16 * 16;
    template <class Pack>
    static constexpr Index panel_size = norms_size + Base::template panel_size<Pack>;
    /// z, later its gradient; each unit's factor of dw, a scalar; then the dense layer's own.
    template <class Pack>
    static constexpr Index own_cache_size = Units + (Units + Pack::lanes - 1) / Pack::lanes;
    template <class Pack>
    static constexpr Index cache_size = own_cache_size<Pack> + Base::template cache_size<Pack>;

    template <class Pack>
    static void pack(std::span<const typename Pack::Scalar> parameters, typename Pack::Scalar* panels) {
      std::fill_n(panels, norms_size, typename Pack::Scalar(0));
      for (Index i = 0; i < In.size(); ++i)
        for (Index o = 0; o < Units; ++o) {
          const auto w = parameters[static_cast<std::size_t>(i * Units + o)];
          panels[o] += w * w;
        }
      Base::template pack<Pack>(parameters, panels + norms_size);
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      using Z = Sink<Pack, Layout{output}, Activate<linear>>;
      Base::forward(own(a), x, Z(FeatureMap<Pack, Layout{output}>(a.cache), {}));
      Pack norm(0);
      for (Index o = 0; o < Units; ++o) {
        const Pack z = a.cache[o];
        const Pack slope = activation.gradient(Pack(1), activation.from_output ? activation.value(z) : z);
        norm = multiply_add(slope * slope, Pack(a.panels[o]), norm);
        y(o, 0, 0) = z;
      }
      if (a.measures != nullptr) a.measures[0] += Weight.value * static_cast<double>(sum(norm * a.weight));
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL> y,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
      using Scalar = typename Pack::Scalar;
      const Pack scale = a.weight * Pack(static_cast<Scalar>(2 * Weight.value));
      Scalar* const factors = reinterpret_cast<Scalar*>(a.cache + Units);
      for (Index o = 0; o < Units; ++o) {
        // Where the derivatives are had from z, the activation is a stage of its own, and y is z.
        const Pack slope = activation.gradient(Pack(1), y[o]);
        a.cache[o] = dy[o] + scale * slope * activation.curvature(y[o]) * Pack(a.panels[o]);
        factors[o] = sum(scale * slope * slope);
      }
      Base::backward(own(a), x, y, FeatureMap<const Pack, Layout{output}>(a.cache), dx, gradient);
      for (Index i = 0; i < In.size(); ++i)
        for (Index o = 0; o < Units; ++o) {
          const auto k = static_cast<std::size_t>(i * Units + o);
          gradient.parameters[k] += factors[o] * a.parameters[k];
        }
    }

    template <class Function>
    static void report(std::span<const double> means, Function&& f) {
      f(std::string_view("contraction"), Weight.value > 0 ? means[0] / Weight.value : 0);
    }

   private:
    template <class Pack>
    static Arguments<Pack> own(const Arguments<Pack>& a) {
      Arguments<Pack> base = a;
      base.panels = a.panels + norms_size;
      base.cache = a.cache + own_cache_size<Pack>;
      return base;
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
