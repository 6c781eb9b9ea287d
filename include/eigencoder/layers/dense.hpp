#pragma once

#include <eigencoder/core/options.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/dense.hpp>
#include <eigencoder/kernels/dense.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <eigencoder/layers/options/initializers.hpp>
#include <eigencoder/layers/options/regularizers.hpp>
#include <eigencoder/layers/options/use_bias.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A fully connected layer: y(o) = f(b(o) + sum_i w(i, o) x(i)), for flat inputs.
///
/// With dz = dy f'(z):  dw(i, o) += x(i) dz(o),  db(o) += dz(o),  dx(i) = sum_o w(i, o) dz(o).
/// Shapes: kernel (in, Units), bias (Units). Options: an activation, use_bias(false), an initialiser and a regulariser
/// of the kernel. Keras: Dense.
template <Index Units, auto... Options>
struct Dense {
  static_assert(Units > 0, "Dense: the number of units must be at least 1");
  static_assert(options::known<ActivationOption, UseBias, InitializerOption, KernelRegularizer>(Options...),
                "Dense: an option is none of: an activation, use_bias(...), an initialiser, a regulariser");
  static_assert(options::unique<ActivationOption, UseBias, InitializerOption, KernelRegularizer>(Options...),
                "Dense: an option of the same kind is given twice");

  template <Shape In>
  struct Layer : Stateless {
    static_assert(In.is_flat(), "Dense: the input must be flat; put Flatten before Dense");

    static constexpr std::string_view name = "Dense";
    static constexpr Operation operation{Operation::Kind::dense};
    static constexpr Shape input = In;
    static constexpr Shape output = Shape{Units};
    static constexpr auto activation = options::find<ActivationOption, linear, Options...>;
    static constexpr auto kernel_regularizer = options::find<KernelRegularizer, KernelRegularizer{}, Options...>;
    static constexpr auto initializer = options::find<InitializerOption, glorot_uniform, Options...>;
    static constexpr bool has_bias = options::find<UseBias, use_bias, Options...>.value;
    static constexpr auto tensors = [] {
      if constexpr (has_bias) {
        return std::array{Tensor{"kernel", In.size(), Units}, Tensor{"bias", Units}};
      } else {
        return std::array{Tensor{"kernel", In.size(), Units}};
      }
    }();

    static constexpr Index inputs = In.size();
    static constexpr Index weights = inputs * Units;
    static constexpr Index narrow = std::min(inputs, Units);
    static constexpr Index wide = std::max(inputs, Units);

    /// Two registers to a pack, so that a broadcast weight serves two multiply-adds; four gain nothing, not even where
    /// the gradient outgrows the cache.
    static constexpr int registers = 2;
    static constexpr bool sums_kernels = true;

    template <class Scalar>
    using Single = kernels::channels::Dense<Scalar, inputs, Units, has_bias>;

    template <class Pack>
    static constexpr Index panel_size = weights;
    /// The weight gradient in the kernel's order, (wide, padded narrow); none where that is the tensor's own order.
    template <class Pack>
    static constexpr bool in_place = Units <= inputs && kernels::padded<typename Pack::Scalar>(Units) == Units;
    template <class Pack>
    static constexpr Index gradient_panel_size =
        in_place<Pack> ? 0 : wide * kernels::padded<typename Pack::Scalar>(narrow);
    /// The narrow side as rows of samples.
    template <class Pack>
    static constexpr Index cache_size = kernels::padded<typename Pack::Scalar>(narrow);

    template <class Scalar, class Random>
    static void initialize(std::span<Scalar> parameters, Random& random) {
      detail::fill_kernel<initializer>(parameters.first(weights), inputs, Units, random);
      std::ranges::fill(parameters.subspan(weights), Scalar(0));
    }

    template <class Pack>
    static void pack(std::span<const typename Pack::Scalar> parameters, typename Pack::Scalar* panels) {
      kernels::dense_pack<Pack::registers, inputs, Units>(parameters.data(), panels);
    }

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      const typename Pack::Scalar* bias = has_bias ? a.parameters.data() + weights : nullptr;
      kernels::dense_forward<inputs, Units>(x.data(), a.panels, bias, y);
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
      auto* const rows = reinterpret_cast<typename Pack::Scalar*>(a.cache);
      auto* const g = in_place<Pack> ? gradient.parameters.data() : gradient.panels;
      if constexpr (Units <= inputs) {
        kernels::to_rows<Units>(dy.data(), rows);
        kernels::outer_product<inputs, Units>(x.data(), rows, g, gradient.sum);
      } else {
        kernels::to_rows<inputs>(x.data(), rows);
        kernels::outer_product<Units, inputs>(dy.data(), rows, g, gradient.sum);
      }
      if constexpr (has_bias) kernels::add_lane_sums<Units>(dy.data(), gradient.parameters.data() + weights);
      if constexpr (DX::wanted) kernels::dense_input_gradient<inputs, Units>(dy.data(), a.parameters.data(), dx);
    }

    template <class Pack>
    static void unpack(const typename Pack::Scalar* panels, std::span<typename Pack::Scalar> gradient) {
      if constexpr (!in_place<Pack>) {
        if constexpr (Units > inputs) {
          kernels::add_transposed<inputs, Units>(panels, gradient.data());
        } else {
          constexpr Index stride = kernels::padded<typename Pack::Scalar>(narrow);
          for (Index i = 0; i < inputs; ++i)
            for (Index o = 0; o < Units; ++o)
              gradient[static_cast<std::size_t>(i * Units + o)] += panels[i * stride + o];
        }
      }
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
