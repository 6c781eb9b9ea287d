#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/convolution.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <eigencoder/layers/options/initializers.hpp>
#include <eigencoder/layers/options/padding.hpp>
#include <eigencoder/layers/options/regularizers.hpp>
#include <eigencoder/layers/options/use_bias.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A convolution over rows and columns:
///   y(o, i, j) = f(b(o) + sum_{c, u, v} w(u, v, c, o) x(c, s i + d u - p, s j + d v - p)),
/// with stride s, dilation d and padding p of each axis; x is zero beyond its border.
///
/// With dz = dy f'(z):  dw(u, v, c, o) += sum_{i, j} x(c, s i + d u - p, s j + d v - p) dz(o, i, j),
/// db(o) += sum_{i, j} dz(o, i, j),  and dx is the transposed convolution of dz (see Conv2DTranspose).
/// Shapes: kernel (height, width, in, Filters), bias (Filters). `Kernel` is 3 or Size{3, 5}. Options: an activation,
/// `same` or `valid`, stride(...), dilation(...), use_bias(false), an initialiser and a regulariser of the
/// kernel. Keras: Conv2D.
template <Index Filters, auto Kernel, auto... Options>
struct Conv2D {
  static_assert(Filters > 0, "Conv2D: the number of filters must be at least 1");
  static_assert(
      options::known<ActivationOption, PaddingOption, StrideOption, DilationOption, UseBias, InitializerOption,
                     KernelRegularizer>(Options...),
      "Conv2D: an option is none of: an activation, same, valid, stride(...), dilation(...), use_bias(...), an "
      "initialiser, a regulariser");
  static_assert(options::unique<ActivationOption, PaddingOption, StrideOption, DilationOption, UseBias,
                                InitializerOption, KernelRegularizer>(Options...),
                "Conv2D: an option of the same kind is given twice");

  static constexpr Size kernel_size = Kernel;
  static constexpr PaddingOption padding = options::find<PaddingOption, valid, Options...>;
  static constexpr Size strides = options::find<StrideOption, stride(1), Options...>.size;
  static constexpr Size dilations = options::find<DilationOption, dilation(1), Options...>.size;
  static_assert(kernel_size.height > 0 && kernel_size.width > 0, "Conv2D: the kernel must have at least 1 x 1 cells");
  static_assert(strides.height > 0 && strides.width > 0, "Conv2D: a stride must be at least 1");
  static_assert(dilations.height > 0 && dilations.width > 0, "Conv2D: a dilation must be at least 1");

  template <Shape In>
  struct Geometry {
    static constexpr auto rows =
        detail::slide(In.height, dilations.height*(kernel_size.height - 1) + 1, strides.height, padding);
    static constexpr auto columns =
        detail::slide(In.width, dilations.width*(kernel_size.width - 1) + 1, strides.width, padding);
    static_assert(rows.output > 0 && columns.output > 0,
                  "Conv2D: the kernel is larger than the input; use `same` padding or a smaller kernel");
    static constexpr Shape output{rows.output, columns.output, Filters};
    static constexpr kernels::Geometry value{{kernel_size.height, strides.height, dilations.height, rows.padding},
                                             {kernel_size.width, strides.width, dilations.width, columns.padding}};
  };

  template <Shape In>
  struct Layer : detail::ConvolutionLayer<Geometry<In>::value, In, Geometry<In>::output, false,
                                          options::find<UseBias, use_bias, Options...>.value,
                                          options::find<InitializerOption, glorot_uniform, Options...>> {
    static constexpr std::string_view name = "Conv2D";
    static std::string details() { return detail::window_details(kernel_size, strides, padding, dilations); }
    static constexpr auto activation = options::find<ActivationOption, linear, Options...>;
    static constexpr auto kernel_regularizer = options::find<KernelRegularizer, KernelRegularizer{}, Options...>;
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
