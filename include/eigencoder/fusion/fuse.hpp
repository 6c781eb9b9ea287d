#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/fusion/fused_conv2d_max_pool2d.hpp>
#include <eigencoder/fusion/fused_up_sampling2d_conv2d.hpp>
#include <eigencoder/layers/options/activations.hpp>

/// Which neighbours are better done together, as one stage. A stage gives the same as the pair that it stands for (but
/// for rounding) and has the pair's parameters.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

template <class Layer>
concept IsConv2D = requires { typename Layer::Engine; } && !Layer::transposed;

/// Up-sampling by repetition.
template <class Layer>
concept IsRepetition = requires { Layer::scale; } && Layer::repeats;

/// A maximum over windows that tile their input and are small enough for a tile of several channels.
template <class Layer>
concept IsTilingMaxPool2D =
    requires { Layer::pool; } && Layer::Windows::tiles && (Layer::pool.height * Layer::pool.width <= 4);

template <kernels::Geometry G>
inline constexpr bool is_plain =
    G.rows.stride == 1 && G.columns.stride == 1 && G.rows.dilation == 1 && G.columns.dilation == 1;

}  // namespace detail

/// `Fuse<A, B>::applies`: the bound layers A and B, B after A, are better done as the bound layer `Fuse<A, B>::type`.
template <class A, class B>
struct Fuse {
  static constexpr bool applies = false;
};

template <detail::IsRepetition A, detail::IsConv2D B>
  requires detail::is_plain<B::geometry>
struct Fuse<A, B> {
  static constexpr bool applies = true;
  using type = FusedUpSampling2DConv2D<A, B>;
};

template <detail::IsConv2D A, detail::IsTilingMaxPool2D B>
  requires(A::activation.monotone)
struct Fuse<A, B> {
  static constexpr bool applies = true;
  using type = FusedConv2DMaxPool2D<A, B>;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
