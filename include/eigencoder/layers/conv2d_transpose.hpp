#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/convolution.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <eigencoder/layers/options/initializers.hpp>
#include <eigencoder/layers/options/padding.hpp>
#include <eigencoder/layers/options/regularizers.hpp>
#include <eigencoder/layers/options/use_bias.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Option of Conv2DTranspose: cells that the output has beyond the least that its input may come from; without the
/// option Keras's default, so many that `same` gives stride x input, and `valid` covers every stride.
struct OutputPaddingOption {
  Size size = -1;
};
constexpr OutputPaddingOption output_padding(Index n) { return {Size(n)}; }
constexpr OutputPaddingOption output_padding(Index rows, Index columns) { return {Size(rows, columns)}; }

/// The transpose (adjoint) of a convolution, which enlarges its input by the stride s:
///   y(o, q, r) = f(b(o) + sum of w(u, v, o, c) x(c, i, j) over c and all s i + u - p = q, s j + v - p = r).
///
/// With dz = dy f'(z):  dw(u, v, o, c) += sum_{i, j} x(c, i, j) dz(o, s i + u - p, s j + v - p),
/// db(o) += sum_{q, r} dz(o, q, r),  and dx is the convolution of dz (see Conv2D) without bias.
/// Shapes: kernel (height, width, Filters, in), bias (Filters); the output is s x input with `same`, and
/// s (input - 1) + max(kernel, s) with `valid`, unless output_padding(n) says otherwise: then it is
/// s (input - 1) + kernel % 2 + n with `same`, and s (input - 1) + kernel + n with `valid`.
/// Options: an activation, `same` or `valid`, stride(...), output_padding(...), use_bias(false), an initialiser and a
/// regulariser of the kernel.
/// Keras: Conv2DTranspose.
template <Index Filters, auto Kernel, auto... Options>
struct Conv2DTranspose {
  static_assert(Filters > 0, "Conv2DTranspose: the number of filters must be at least 1");
  static_assert(options::known<ActivationOption, PaddingOption, StrideOption, OutputPaddingOption, UseBias,
                               InitializerOption, KernelRegularizer>(Options...),
                "Conv2DTranspose: an option is none of: an activation, same, valid, stride(...), output_padding(...), "
                "use_bias(...), an initialiser, a regulariser");
  static_assert(options::unique<ActivationOption, PaddingOption, StrideOption, OutputPaddingOption, UseBias,
                                InitializerOption, KernelRegularizer>(Options...),
                "Conv2DTranspose: an option of the same kind is given twice");

  static constexpr Size kernel_size = Kernel;
  static constexpr PaddingOption padding = options::find<PaddingOption, valid, Options...>;
  static constexpr Size strides = options::find<StrideOption, stride(1), Options...>.size;
  static constexpr Size extra = options::find<OutputPaddingOption, OutputPaddingOption{}, Options...>.size;
  static_assert(kernel_size.height > 0 && kernel_size.width > 0,
                "Conv2DTranspose: the kernel must have at least 1 x 1 cells");
  static_assert(strides.height > 0 && strides.width > 0, "Conv2DTranspose: a stride must be at least 1");
  static_assert(extra.height < strides.height && extra.width < strides.width,
                "Conv2DTranspose: output_padding must be smaller than the stride");

  /// One axis' output size and padding; output_padding < 0 stands for Keras's default.
  static constexpr detail::Slide enlarge(Index input, Index kernel, Index stride, Index output_padding) {
    const Index least = (input - 1) * stride;
    if (!padding.same) return {least + (output_padding < 0 ? std::max(kernel, stride) : kernel + output_padding), 0};
    const Index output = output_padding < 0 ? input * stride : least + kernel % 2 + output_padding;
    return {output, std::max<Index>(0, least + kernel - output) / 2};
  }

  template <Shape In>
  struct Geometry {
    static constexpr auto rows = enlarge(In.height, kernel_size.height, strides.height, extra.height);
    static constexpr auto columns = enlarge(In.width, kernel_size.width, strides.width, extra.width);
    static_assert(rows.output > 0 && columns.output > 0, "Conv2DTranspose: the output has no cells");
    static constexpr Shape output{rows.output, columns.output, Filters};
    static constexpr kernels::Geometry value{{kernel_size.height, strides.height, 1, rows.padding},
                                             {kernel_size.width, strides.width, 1, columns.padding}};
  };

  template <Shape In>
  struct Layer : detail::ConvolutionLayer<Geometry<In>::value, In, Geometry<In>::output, true,
                                          options::find<UseBias, use_bias, Options...>.value,
                                          options::find<InitializerOption, glorot_uniform, Options...>> {
    static constexpr std::string_view name = "Conv2DTranspose";
    static std::string details() { return detail::window_details(kernel_size, strides, padding); }
    static constexpr auto activation = options::find<ActivationOption, linear, Options...>;
    static constexpr auto kernel_regularizer = options::find<KernelRegularizer, KernelRegularizer{}, Options...>;
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
