#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/average_pool2d.hpp>
#include <eigencoder/layers/conv2d.hpp>
#include <eigencoder/layers/conv2d_transpose.hpp>
#include <eigencoder/layers/cropping2d.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/layers/flatten.hpp>
#include <eigencoder/layers/global_average_pool2d.hpp>
#include <eigencoder/layers/max_pool2d.hpp>
#include <eigencoder/layers/reshape.hpp>
#include <eigencoder/layers/up_sampling2d.hpp>
#include <eigencoder/layers/zero_padding2d.hpp>
#include <eigencoder/models/sequential.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace models {

/// The layers, with the activation F, that lead from a layer's output back to its input of shape In.
///
/// By default none, for what changes no shape: noise, dropout, normalisation, an activation.
template <class Layer, Shape In, auto F>
struct Undo {
  static_assert(ShapesMatch<Layer::template Layer<In>::output, In>::value,
                "Mirror: a layer of the encoder changes the shape and cannot be undone; write the decoder out as a "
                "Sequential");
  using type = network::List<>;
};

template <Index Units, auto... Options, Shape In, auto F>
struct Undo<Dense<Units, Options...>, In, F> {
  using type = network::List<Dense<In.size(), F, options::find<UseBias, use_bias, Options...>,
                                   options::find<InitializerOption, glorot_uniform, Options...>>>;
};

/// Back to an image, or to a flat vector.
template <Shape In>
using Unflatten = std::conditional_t<In.is_flat(), Flatten, Reshape<In>>;
template <Shape In, auto F>
struct Undo<Flatten, In, F> {
  using type = network::List<Unflatten<In>>;
};
template <Shape Target, Shape In, auto F>
struct Undo<Reshape<Target>, In, F> {
  using type = network::List<Unflatten<In>>;
};

/// A convolution that keeps the shape is undone by another; else by a transposed one, with the output padding that
/// restores the very size: 7 -> 4 -> 7 as well as 8 -> 4 -> 8.
template <Index Filters, auto Kernel, auto... Options, Shape In, auto F>
struct Undo<Conv2D<Filters, Kernel, Options...>, In, F> {
  using Layer = Conv2D<Filters, Kernel, Options...>;
  static constexpr auto bias = options::find<UseBias, use_bias, Options...>;
  static constexpr auto initializer = options::find<InitializerOption, glorot_uniform, Options...>;
  static constexpr Shape out = Layer::template Layer<In>::output;
  static constexpr bool keeps_shape = out.height == In.height && out.width == In.width;
  static_assert(keeps_shape || Layer::dilations == Size(1),
                "Mirror: a dilated convolution that changes the shape cannot be undone; write the decoder out");

  /// Output padding of one axis; -1, Keras's default, where that is the right one.
  static constexpr Index extra(Index before, Index after, Index kernel, Index stride) {
    const Index least = (after - 1) * stride + (Layer::padding.same ? kernel % 2 : kernel);
    return before - least < stride ? before - least : -1;
  }
  static constexpr Index rows = extra(In.height, out.height, Layer::kernel_size.height, Layer::strides.height);
  static constexpr Index columns = extra(In.width, out.width, Layer::kernel_size.width, Layer::strides.width);

  using type = std::conditional_t<
      keeps_shape,
      network::List<
          Conv2D<In.channels, Layer::kernel_size, F, same, DilationOption{Layer::dilations}, bias, initializer>>,
      network::List<Conv2DTranspose<In.channels, Layer::kernel_size, F, Layer::padding, StrideOption{Layer::strides},
                                    OutputPaddingOption{Size(rows, columns)}, bias, initializer>>>;
};

template <Index Filters, auto Kernel, auto... Options, Shape In, auto F>
struct Undo<Conv2DTranspose<Filters, Kernel, Options...>, In, F> {
  using Layer = Conv2DTranspose<Filters, Kernel, Options...>;
  using type = network::List<Conv2D<In.channels, Layer::kernel_size, F, Layer::padding, StrideOption{Layer::strides},
                                    options::find<UseBias, use_bias, Options...>,
                                    options::find<InitializerOption, glorot_uniform, Options...>>>;
  static_assert(Layer::padding.same || Layer::kernel_size.height >= Layer::strides.height,
                "Mirror: a transposed convolution whose stride is larger than its kernel cannot be undone");
};

/// Pooling is undone by enlarging by the stride, and then taking away what is too much or adding zeros for what is
/// missing.
template <Size Stride, Shape Pooled, Shape In>
struct Unpool {
  static constexpr Index rows = Pooled.height * Stride.height - In.height;
  static constexpr Index columns = Pooled.width * Stride.width - In.width;
  static constexpr Border cropped{0, 0, std::max<Index>(rows, 0), std::max<Index>(columns, 0)};
  static constexpr Border padded{0, 0, std::max<Index>(-rows, 0), std::max<Index>(-columns, 0)};

  static constexpr auto layers() {
    constexpr auto enlarged = network::List<UpSampling2D<Stride>>{};
    if constexpr (rows > 0 || columns > 0) {
      if constexpr (rows < 0 || columns < 0) {
        return enlarged + network::List<Cropping2D<cropped>, ZeroPadding2D<padded>>{};
      } else {
        return enlarged + network::List<Cropping2D<cropped>>{};
      }
    } else if constexpr (rows < 0 || columns < 0) {
      return enlarged + network::List<ZeroPadding2D<padded>>{};
    } else {
      return enlarged;
    }
  }
  using type = decltype(layers());
};
template <auto Pool, auto... Options, Shape In, auto F>
struct Undo<MaxPool2D<Pool, Options...>, In, F>
    : Unpool<MaxPool2D<Pool, Options...>::strides, MaxPool2D<Pool, Options...>::template Layer<In>::output, In> {};
template <auto Pool, auto... Options, Shape In, auto F>
struct Undo<AveragePool2D<Pool, Options...>, In, F>
    : Unpool<AveragePool2D<Pool, Options...>::strides, AveragePool2D<Pool, Options...>::template Layer<In>::output,
             In> {};
template <Shape In, auto F>
struct Undo<GlobalAveragePool2D, In, F> {
  using type = network::List<UpSampling2D<Size{In.height, In.width}>>;
};
template <auto Factor, auto... Options, Shape In, auto F>
struct Undo<UpSampling2D<Factor, Options...>, In, F> {
  using type = network::List<AveragePool2D<Factor>>;
};

template <auto Amount, Shape In, auto F>
struct Undo<ZeroPadding2D<Amount>, In, F> {
  using type = network::List<Cropping2D<Amount>>;
};
template <auto Amount, Shape In, auto F>
struct Undo<Cropping2D<Amount>, In, F> {
  using type = network::List<ZeroPadding2D<Amount>>;
};

/// The activation that a layer's output has gone through; that of what came before, if it has none of its own.
template <class Layer, Shape In, auto Before>
inline constexpr auto activation_after = [] {
  if constexpr (requires { Layer::template Layer<In>::activation; }) {
    return Layer::template Layer<In>::activation;
  } else {
    return Before;
  }
}();
template <auto Function, Shape In, auto Before>
inline constexpr auto activation_after<Activation<Function>, In, Before> = Function;

/// Walks over the encoder's layers; `Undone` is the decoder so far, its first layer last found.
template <Shape In, auto F, class Undone, class... Layers>
struct Mirrored {
  using type = Undone;
};
template <Shape In, auto F, class Undone, class First, class... Rest>
struct Mirrored<In, F, Undone, First, Rest...> {
  using type = typename Mirrored<First::template Layer<In>::output, activation_after<First, In, F>,
                                 decltype(typename Undo<First, In, F>::type{} + Undone{}), Rest...>::type;
};

template <Shape In, class Layers>
struct SequentialOf;
template <Shape In, class... Layers>
struct SequentialOf<In, network::List<Layers...>> {
  using type = Sequential<In, Layers...>;
};

template <class Encoder, auto Output>
struct MirrorOf;
template <Shape In, class... Layers, auto Output>
struct MirrorOf<Sequential<In, Layers...>, Output> {
  using type = typename SequentialOf<Sequential<In, Layers...>::output,
                                     typename Mirrored<In, Output, network::List<>, Layers...>::type>::type;
};

}  // namespace models

/// The decoder that undoes an encoder layer by layer, from its output's shape to its input's, odd sizes and all:
///
///     using Encoder = Sequential<Shape{28, 28, 1}, Conv2D<16, 3, relu, same>, MaxPool2D<2>, Flatten, Dense<32>>;
///     using Decoder = Mirror<Encoder>;  // Dense<3136, relu>, Reshape<...>, UpSampling2D<2>, Conv2D<1, 3, sigmoid,
///     same>
///
/// Where the encoder's layer pools, the decoder's enlarges; a layer that restores what an activation gave has that
/// activation, and the last one, which restores the data, has `Output`, by default for data in [0, 1].
template <class Encoder, auto Output = sigmoid>
using Mirror = typename models::MirrorOf<Encoder, Output>::type;

}  // namespace eigencoder::inline EIGENCODER_TARGET
