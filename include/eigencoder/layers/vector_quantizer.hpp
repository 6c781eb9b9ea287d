#pragma once

#include <cmath>
#include <eigencoder/core/options.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/codes.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/initializers.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Option: the weight of a vector quantiser's commitment loss; `commitment(0.5)` gives another than 0.25.
struct Commitment {
  double weight = 0.25;

  [[nodiscard]] constexpr Commitment operator()(double w) const { return {w}; }
};
inline constexpr Commitment commitment{};

/// Replaces the vector of channels in each cell by the nearest of `Codes` learned vectors e_k:
///
///   y(., i, j) = e_k,   k = argmin_k |x(., i, j) - e_k|^2;   what is NaN stays so.
///
/// The gradient passes straight through, and the layer adds to the loss, averaged over cells, channels and samples, the
/// codebook's and the commitment's terms |sg(x) - e_k|^2 + commitment |x - sg(e_k)|^2, sg stopping the gradient:
///   dx = dy + 2/n commitment (x - e_k),   de_k += 2/n sum over the cells that chose k of (e_k - x),   n = In.size().
///
/// At the end of an autoencoder's encoder it makes a VQ-VAE; `code_indices(model, data)` gives the k. A flat input is
/// one vector: Reshape it to (1, vectors, channels) for more. Tensor: codebook (Codes, channels), by default uniform in
/// [-1/Codes, 1/Codes). Options: commitment(weight), an initialiser.
/// Reports "quantization_error", the mean of (x - e_k)^2, and "perplexity", exp of the entropy of the batch's choices:
/// the number of codes in use, 1 if the codebook has collapsed. Source: van den Oord, Vinyals, Kavukcuoglu, "Neural
/// discrete representation learning", 2017.
template <Index Codes, auto... Options>
struct VectorQuantizer {
  static_assert(Codes > 1 && Codes <= (1 << 24), "VectorQuantizer: the number of codes must be in 2 ... 2^24");
  static_assert(options::known<Commitment, InitializerOption>(Options...) &&
                    options::unique<Commitment, InitializerOption>(Options...),
                "VectorQuantizer: the options are commitment(weight) and an initialiser");

  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "VectorQuantizer";
    static constexpr Operation operation{Operation::Kind::quantizer};
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    template <class Scalar>
    using Single = kernels::channels::Quantization<Scalar, Codes, In.channels>;
    static constexpr std::array tensors{Tensor{"codebook", Codes, In.channels}};

    static constexpr double commitment = options::find<Commitment, eigencoder::commitment, Options...>.weight;
    static constexpr Index cells = In.height * In.width;

    /// The added loss, then each code's share of the cells.
    static constexpr std::size_t measures = 1 + static_cast<std::size_t>(Codes);
    static constexpr bool adds_loss = true;

    /// The number of each cell's code.
    template <class Pack>
    static constexpr Index cache_size = cells;

    template <class Scalar, class Random>
    static void initialize(std::span<Scalar> parameters, Random& random) {
      if constexpr ((options::is<InitializerOption, Options> || ...)) {
        constexpr auto initializer = options::find<InitializerOption, glorot_uniform, Options...>;
        detail::fill_kernel<initializer>(parameters, In.channels, Codes, random);
      } else {
        for (Scalar& value : parameters)
          value = static_cast<Scalar>((2 * random.template uniform<double>() - 1) / static_cast<double>(Codes));
      }
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      using Scalar = typename Pack::Scalar;
      Pack error(0);
      for_each_cell({In.height, In.width, 1}, [&](Index, Index i, Index j) {
        const Pack nearest = nearest_code(a.parameters, x, i, j);
        a.cache[i * In.width + j] = nearest;
        alignas(simd::alignment) Scalar indices[Pack::lanes];
        nearest.store(indices);
        for (Index c = 0; c < In.channels; ++c) {
          alignas(simd::alignment) Scalar values[Pack::lanes];
          for (int l = 0; l < Pack::lanes; ++l)
            values[l] = a.parameters[static_cast<std::size_t>(static_cast<Index>(indices[l]) * In.channels + c)];
          const Pack code = Pack::load(values), distance = x(c, i, j) - code;
          y(c, i, j) = select(is_nan(distance), distance, code);
          error = multiply_add(distance, distance, error);
        }
      });
      if (a.measures != nullptr) measure(a, error);
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL> y,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
      using Scalar = typename Pack::Scalar;
      const Pack scale = a.weight * Pack(static_cast<Scalar>(2.0 / static_cast<double>(In.size())));
      for_each_cell({In.height, In.width, 1}, [&](Index, Index i, Index j) {
        alignas(simd::alignment) Scalar indices[Pack::lanes];
        a.cache[i * In.width + j].store(indices);
        for (Index c = 0; c < In.channels; ++c) {
          const Pack pull = scale * (x(c, i, j) - y(c, i, j));
          if constexpr (DX::wanted) dx(c, i, j) = dy(c, i, j) + Pack(static_cast<Scalar>(commitment)) * pull;
          alignas(simd::alignment) Scalar pulls[Pack::lanes];
          pull.store(pulls);
          for (int l = 0; l < Pack::lanes; ++l)
            gradient.parameters[static_cast<std::size_t>(static_cast<Index>(indices[l]) * In.channels + c)] -= pulls[l];
        }
      });
    }

    template <class Function>
    static void report(std::span<const double> means, Function&& f) {
      double entropy = 0;
      for (const double share : means.subspan(1))
        if (share > 0) entropy -= share * std::log(share);
      f(std::string_view("quantization_error"), means[0] / (1 + commitment));
      f(std::string_view("perplexity"), std::exp(entropy));
    }

   private:
    template <class Pack, Layout X>
    static Pack nearest_code(std::span<const typename Pack::Scalar> codebook, FeatureMap<const Pack, X> x, Index i,
                             Index j) {
      using Scalar = typename Pack::Scalar;
      Pack best(std::numeric_limits<Scalar>::infinity()), number(0);
      const Scalar* code = codebook.data();
      for (Index k = 0; k < Codes; ++k) {
        Pack distance(0);
        for (Index c = 0; c < In.channels; ++c) {
          const Pack difference = x(c, i, j) - Pack(*code++);
          distance = multiply_add(difference, difference, distance);
        }
        number = select(distance < best, Pack(static_cast<Scalar>(k)), number);
        best = min(best, distance);
      }
      return number;
    }

    template <class Pack>
    static void measure(const Arguments<Pack>& a, Pack error) {
      using Scalar = typename Pack::Scalar;
      a.measures[0] += (1 + commitment) / static_cast<double>(In.size()) * static_cast<double>(sum(a.weight * error));
      alignas(simd::alignment) Scalar indices[Pack::lanes], weights[Pack::lanes];
      a.weight.store(weights);
      for (Index cell = 0; cell < cells; ++cell) {
        a.cache[cell].store(indices);
        for (int l = 0; l < Pack::lanes; ++l)
          a.measures[1 + static_cast<Index>(indices[l])] +=
              static_cast<double>(weights[l]) / static_cast<double>(cells);
      }
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
