#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/random/lane_random.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The code of a variational autoencoder: a normal distribution for every sample, and a draw from it.
///
///   mu = Wm x + bm,   v = clamp(Wv x + bv, -20, 20),   z(u) = mu(u) + exp(v(u) / 2) e(u),   e ~ N(0, 1).
///
/// In training e is a function of (seed, epoch, layer, sample, u); in prediction e = 0, so z is the mean. To the
/// model's loss the layer adds, averaged over the samples, beta sum_u max(KL_u, free_bits) with the divergence from
/// N(0, 1)
///   KL_u = (mu^2 + exp(v) - v - 1) / 2.
/// Beyond the clamp, where exp(v) would soon overflow, KL_u goes on in a straight line, which pulls back what has gone
/// astray: with the raw r = Wv x + bv, exp(v) (1 + r - v) - r stands for exp(v) - v. So
///   dmu = dz + beta mu,   dr = dz e exp(v / 2) / 2 [r = v] + beta (exp(v) - 1) / 2,   no beta where KL_u <= free_bits.
///
/// Tensors: mean.kernel (in, Units), mean.bias (Units), log_variance.kernel, log_variance.bias. Option: an initialiser
/// of the kernels. Reports "kl", sum_u KL_u, and "active_latent_units", those whose mean has a variance above 0.01 over
/// the batch: a unit that the decoder ignores has none. Sources: Kingma, Welling, "Auto-encoding variational Bayes",
/// 2014; free bits: Kingma et al., "Improving variational inference with inverse autoregressive flow", 2016; active
/// units: Burda, Grosse, Salakhutdinov, "Importance weighted autoencoders", 2016.
template <Index Units, auto... Options>
struct GaussianLatent {
  static_assert(Units > 0, "GaussianLatent: the number of units must be at least 1");
  static_assert(options::known<InitializerOption>(Options...) && options::unique<InitializerOption>(Options...),
                "GaussianLatent: the only option is an initialiser");

  template <Shape In>
  struct Layer : Stateless {
    static_assert(In.is_flat(), "GaussianLatent: the input must be flat; put Flatten before it");

    static constexpr std::string_view name = "GaussianLatent";
    static constexpr Operation operation{Operation::Kind::gaussian};
    static constexpr Shape input = In;
    static constexpr Shape output = Shape{Units};
    static constexpr std::array tensors{Tensor{"mean.kernel", In.size(), Units}, Tensor{"mean.bias", Units},
                                        Tensor{"log_variance.kernel", In.size(), Units},
                                        Tensor{"log_variance.bias", Units}};

    /// Each head is a dense layer.
    using Head = typename Dense<Units, Options...>::template Layer<In>;
    static constexpr int registers = Head::registers;
    static constexpr bool sums_kernels = Head::sums_kernels;
    /// For one sample: the mean.
    template <class Scalar>
    using Single = typename Head::template Single<Scalar>;
    static constexpr double limit = 20;
    static constexpr double active_variance = 0.01;

    /// The added loss, the divergence, then each unit's mean and mean square.
    static constexpr std::size_t measures = 2 + 2 * static_cast<std::size_t>(Units);
    static constexpr bool adds_loss = true;

    /// The heads' own panels, then both kernels side by side, (in, 2 Units): the input's gradient is one product with
    /// them.
    template <class Pack>
    static constexpr Index panel_size = 2 * Head::template panel_size<Pack> + 2 * Head::weights;
    template <class Pack>
    static constexpr Index gradient_panel_size = 2 * Head::template gradient_panel_size<Pack>;
    /// Each unit's mean, log-variance, standard deviation, noise, and gradients of the first two; then a head's own.
    template <class Pack>
    static constexpr Index cache_size = 6 * Units + Head::template cache_size<Pack>;

    template <class Scalar, class Random>
    static void initialize(std::span<Scalar> parameters, Random& random) {
      Head::initialize(parameters.first(head_size), random);
      Head::initialize(parameters.subspan(head_size), random);
    }

    template <class Pack>
    static void pack(std::span<const typename Pack::Scalar> parameters, typename Pack::Scalar* panels) {
      for (Index h = 0; h < 2; ++h) {
        const auto own = head<Pack>(h, parameters);
        Head::template pack<Pack>(own, panels + h * Head::template panel_size<Pack>);
        auto* const kernels = panels + 2 * Head::template panel_size<Pack>;
        for (Index i = 0; i < In.size(); ++i) std::copy_n(own.data() + i * Units, Units, kernels + (2 * i + h) * Units);
      }
    }

    template <class Pack>
    static void unpack(const typename Pack::Scalar* panels, std::span<typename Pack::Scalar> gradient) {
      for (Index h = 0; h < 2; ++h)
        Head::template unpack<Pack>(panels + h * Head::template gradient_panel_size<Pack>, head<Pack>(h, gradient));
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      using Map = FeatureMap<Pack, Layout{output}>;
      for (Index h = 0; h < 2; ++h)
        Head::forward(head(h, a), x, Sink<Pack, Layout{output}, Activate<linear>>(Map(a.cache + h * Units), {}));
      draw(a);
      for (Index u = 0; u < Units; ++u) y(u, 0, 0) = a.cache[Places::mean + u] + a.cache[Places::noise + u];
      if (a.measures != nullptr) measure(a);
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
      const Pack scale = a.weight * constant<Pack>(a.context->added_loss_weight), half = constant<Pack>(0.5);
      const double free_bits = a.context->added_loss_allowance;
      for (Index u = 0; u < Units; ++u) {
        const Pack raw = a.cache[Places::raw + u], sigma = a.cache[Places::sigma + u];
        const Pack within = abs(raw) <= constant<Pack>(limit);
        const Pack pull = free_bits > 0 ? keep(divergence(a.cache, u) > constant<Pack>(free_bits), scale) : scale;
        a.cache[Places::gradient + u] = dy[u] + pull * a.cache[Places::mean + u];
        a.cache[Places::gradient + Units + u] =
            half * (keep(within, dy[u] * a.cache[Places::noise + u]) + pull * (sigma * sigma - Pack(1)));
      }
      using Map = FeatureMap<const Pack, Layout{output}>;
      for (Index h = 0; h < 2; ++h)
        Head::backward(head(h, a), x, Map(a.cache + h * Units), Map(a.cache + Places::gradient + h * Units),
                       NoSink<Pack, X>{},
                       Gradient<Pack>{head<Pack>(h, gradient.parameters),
                                      gradient.panels + h * Head::template gradient_panel_size<Pack>, gradient.sum});
      if constexpr (DX::wanted)
        kernels::dense_input_gradient<In.size(), 2 * Units>(a.cache + Places::gradient,
                                                            a.panels + 2 * Head::template panel_size<Pack>, dx);
    }

    template <class Function>
    static void report(std::span<const double> means, Function&& f) {
      int active = 0;
      for (std::size_t u = 2; u < 2 + static_cast<std::size_t>(Units); ++u)
        active += means[u + static_cast<std::size_t>(Units)] - means[u] * means[u] > active_variance;
      f(std::string_view("kl"), means[1]);
      f(std::string_view("active_latent_units"), static_cast<double>(active));
    }

    /// Of what forward left in the layer's cache: unit u's mean, log-variance and divergence.
    template <class Pack>
    static Pack mean(const Pack* cache, Index u) {
      return cache[Places::mean + u];
    }
    template <class Pack>
    static Pack log_variance(const Pack* cache, Index u) {
      return max(min(cache[Places::raw + u], constant<Pack>(limit)), constant<Pack>(-limit));
    }
    template <class Pack>
    static Pack divergence(const Pack* cache, Index u) {
      const Pack raw = cache[Places::raw + u], sigma = cache[Places::sigma + u], m = cache[Places::mean + u];
      const Pack beyond = raw - log_variance(cache, u);
      return constant<Pack>(0.5) * (m * m + (sigma * sigma * (Pack(1) + beyond) - raw - Pack(1)));
    }
    /// What each sample adds to the loss.
    template <class Pack>
    static Pack added_loss(const Pack* cache, const Context& context) {
      Pack total(0);
      for (Index u = 0; u < Units; ++u) {
        const Pack kl = divergence(cache, u);
        total += context.added_loss_allowance > 0 ? max(kl, constant<Pack>(context.added_loss_allowance)) : kl;
      }
      return total * constant<Pack>(context.added_loss_weight);
    }
    /// log p(z) - log q(z | x) for each sample's draw z, p being the standard normal density.
    template <class Pack>
    static Pack log_prior_ratio(const Pack* cache) {
      Pack total(0);
      for (Index u = 0; u < Units; ++u) {
        const Pack z = cache[Places::mean + u] + cache[Places::noise + u];
        const Pack e = cache[Places::noise + u] / cache[Places::sigma + u];
        total += e * e - z * z + log_variance(cache, u);
      }
      return constant<Pack>(0.5) * total;
    }

   private:
    /// Where in the cache each quantity's packs begin.
    struct Places {
      static constexpr Index mean = 0, raw = Units, sigma = 2 * Units, noise = 3 * Units, gradient = 4 * Units;
    };
    static constexpr auto head_size = static_cast<std::size_t>(parameter_count<Head>);

    template <class Pack>
    static Pack constant(double value) {
      return Pack(static_cast<typename Pack::Scalar>(value));
    }

    /// Head h's part of the parameters, or of their gradient: 0 gives the means, 1 the log-variances.
    template <class Pack, class Scalar>
    static std::span<Scalar> head(Index h, std::span<Scalar> all) {
      return all.subspan(static_cast<std::size_t>(h) * head_size, head_size);
    }
    template <class Pack>
    static Arguments<Pack> head(Index h, const Arguments<Pack>& a) {
      Arguments<Pack> own = a;
      own.parameters = head<Pack>(h, a.parameters);
      own.panels = a.panels + h * Head::template panel_size<Pack>;
      own.cache = a.cache + 6 * Units;
      return own;
    }

    /// sigma(u) and the noise sigma(u) e(u).
    template <class Pack>
    static void draw(const Arguments<Pack>& a) {
      const bool draws = a.context->training || a.context->sampling;
      LaneRandom<Pack> random(Philox(a.context->seed, Stream::latent, a.context->epoch, a.layer), a.context->samples);
      std::array<Pack, 2> e{Pack(0), Pack(0)};
      for (Index u = 0; u < Units; ++u) {
        const auto k = static_cast<std::size_t>(u % 4);
        if (draws && k == 0) random.draw(static_cast<std::uint64_t>(u / 4));
        if (draws && k % 2 == 0) e = random.normal(static_cast<int>(k));
        const Pack sigma = exp(constant<Pack>(0.5) * log_variance(a.cache, u));
        a.cache[Places::sigma + u] = sigma;
        a.cache[Places::noise + u] = sigma * e[k % 2];
      }
    }

    template <class Pack>
    static void measure(const Arguments<Pack>& a) {
      Pack total(0);
      for (Index u = 0; u < Units; ++u) {
        const Pack m = mean(a.cache, u), share = a.weight * m;
        total += divergence(a.cache, u);
        a.measures[2 + u] += static_cast<double>(sum(share));
        a.measures[2 + Units + u] += static_cast<double>(sum(share * m));
      }
      a.measures[0] += static_cast<double>(sum(added_loss(a.cache, *a.context) * a.weight));
      a.measures[1] += static_cast<double>(sum(total * a.weight));
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
