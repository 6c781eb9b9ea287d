#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/convolution.hpp>
#include <eigencoder/kernels/conv_weight_gradient.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/initializers.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// What Conv2D (not transposed: from the fine map to the coarse one) and Conv2DTranspose share, without bias and
/// options: how their weights lie and which kernel does what.
///
/// Both have a kernel (height, width, fine channels, coarse channels): Keras's (in, out) of the one, (out, in) of the
/// other.
template <kernels::Geometry G, Shape In, Shape Out, bool Transposed>
struct Convolution {
  static constexpr Shape fine = Transposed ? Out : In;
  static constexpr Shape coarse = Transposed ? In : Out;
  static constexpr Index weights = G.taps() * fine.channels * coarse.channels;

  static constexpr Border input_border =
      Transposed ? kernels::coarse_border(G, fine, coarse) : kernels::fine_border(G, fine, coarse);
  static constexpr Border gradient_border =
      Transposed ? kernels::fine_border(G, fine, coarse) : kernels::coarse_border(G, fine, coarse);

  /// The forward panel, then the data gradient's, each from a cache line on.
  static constexpr Index gradient_panel_offset = (weights + 15) / 16 * 16;
  static constexpr Index panel_size = 2 * gradient_panel_offset;

  /// Without stride either map may play the fine one, with the kernel turned around. The one with more channels is the
  /// better coarse one: it is read once for all taps.
  static constexpr bool turned = G.rows.stride == 1 && G.columns.stride == 1 && coarse.channels < fine.channels;
  static constexpr kernels::Axis turn(kernels::Axis axis) {
    return {axis.kernel, 1, axis.dilation, axis.dilation * (axis.kernel - 1) - axis.padding};
  }
  template <class Pack>
  using WeightGradient =
      std::conditional_t<turned,
                         kernels::WeightGradient<kernels::Geometry{turn(G.rows), turn(G.columns)}, coarse, fine, Pack>,
                         kernels::WeightGradient<G, fine, coarse, Pack>>;

  template <class Pack>
  static constexpr Index weight_gradient_size = WeightGradient<Pack>::panel_size;

  /// Where the weight of (row, column, fine channel, coarse channel) lies in the kernel's tensor.
  static constexpr Index at(Index row, Index column, Index f, Index c) {
    return ((row * G.columns.kernel + column) * fine.channels + f) * coarse.channels + c;
  }

  /// The tiles of the forward pass.
  static constexpr kernels::Tile forward_tile =
      Transposed ? kernels::convolve_transposed_tile<G, fine> : kernels::convolve_tile<G, coarse>;

  /// weight(row, column, fine channel, coarse channel) to the panels of both directions.
  template <kernels::Tile ForwardTile = forward_tile, class Scalar, class Weight>
  static void pack(const Weight& weight, Scalar* panels) {
    constexpr kernels::Tile to_coarse = Transposed ? kernels::convolve_tile<G, coarse> : ForwardTile;
    constexpr kernels::Tile to_fine = Transposed ? ForwardTile : kernels::convolve_transposed_tile<G, fine>;
    kernels::pack_weights<fine.channels, coarse.channels, G, to_coarse>(
        [&](Index f, Index c, Index row, Index column) { return weight(row, column, f, c); },
        Transposed ? panels + gradient_panel_offset : panels);
    kernels::pack_weights<coarse.channels, fine.channels, G, to_fine>(
        [&](Index c, Index f, Index row, Index column) { return weight(row, column, f, c); },
        Transposed ? panels : panels + gradient_panel_offset);
  }

  template <class Pack, Layout X, class Y>
  static void forward(FeatureMap<const Pack, X> x, const typename Pack::Scalar* panels,
                      const typename Pack::Scalar* bias, Y y) {
    if constexpr (Transposed) {
      kernels::convolve_transposed<G>(x, panels, bias, y);
    } else {
      kernels::convolve<G>(x, panels, bias, y);
    }
  }

  template <class Pack, Layout DY, class DX>
  static void data_gradient(FeatureMap<const Pack, DY> dy, const typename Pack::Scalar* panels, DX dx) {
    if constexpr (Transposed) {
      kernels::convolve<G>(dy, panels + gradient_panel_offset, nullptr, dx);
    } else {
      kernels::convolve_transposed<G>(dy, panels + gradient_panel_offset, nullptr, dx);
    }
  }

  /// Adds to a panel of `weight_gradient_size`.
  template <class Pack, Layout X, Layout DY>
  static void weight_gradient(FeatureMap<const Pack, X> x, FeatureMap<const Pack, DY> dy, typename Pack::Scalar* panel,
                              const RunningSum& running) {
    if constexpr (Transposed == turned) {
      WeightGradient<Pack>::add(dy, x, panel, running);
    } else {
      WeightGradient<Pack>::add(x, dy, panel, running);
    }
  }

  /// f(row, column, fine channel, coarse channel, gradient) for every weight of a panel.
  template <class Pack, class Function>
  static void for_each_gradient(const typename Pack::Scalar* panel, const Function& f) {
    WeightGradient<Pack>::for_each_weight(panel, [&](Index c, Index fine_channel, Index row, Index column, auto value) {
      if constexpr (turned) {
        f(G.rows.kernel - 1 - row, G.columns.kernel - 1 - column, c, fine_channel, value);
      } else {
        f(row, column, fine_channel, c, value);
      }
    });
  }
};

/// Convolution with a bias, as a layer: what the binder sees of Conv2D and Conv2DTranspose.
template <kernels::Geometry G, Shape In, Shape Out, bool Transposed, bool HasBias, auto Initializer>
struct ConvolutionLayer : Stateless {
  using Engine = Convolution<G, In, Out, Transposed>;
  static constexpr kernels::Geometry geometry = G;
  static constexpr bool transposed = Transposed;
  static constexpr Operation operation{
      Transposed ? Operation::Kind::transposed_convolution : Operation::Kind::convolution, G.rows, G.columns};

  static constexpr Shape input = In;
  static constexpr Shape output = Out;
  static constexpr bool has_bias = HasBias;
  static constexpr auto tensors = [] {
    const Tensor kernel{"kernel", G.rows.kernel, G.columns.kernel, Engine::fine.channels, Engine::coarse.channels};
    if constexpr (HasBias) {
      return std::array{kernel, Tensor{"bias", Out.channels}};
    } else {
      return std::array{kernel};
    }
  }();
  static constexpr Border input_border = Engine::input_border;
  static constexpr Border gradient_border = Engine::gradient_border;
  /// With one register to a pack a tile's inputs are already shared by several channels and columns.
  static constexpr int registers = 1;
  static constexpr bool sums_kernels = true;

  template <class Scalar>
  using Single = kernels::channels::Convolution<Scalar, G, In, Out, Transposed, ConvolutionLayer>;
  static constexpr Index bias_at = Engine::weights;
  /// The weight between two channels.
  template <class Scalar>
  static Scalar weight(const Scalar* parameters, Index row, Index column, Index in, Index out) {
    return parameters[Transposed ? Engine::at(row, column, out, in) : Engine::at(row, column, in, out)];
  }

  template <class Pack>
  static constexpr Index panel_size = Engine::panel_size;
  template <class Pack>
  static constexpr Index gradient_panel_size = Engine::template weight_gradient_size<Pack>;

  template <class Scalar, class Random>
  static void initialize(std::span<Scalar> parameters, Random& random) {
    // Keras reads the fans off the tensor's last two dimensions, also where a transpose has them the other way round.
    fill_kernel<Initializer>(parameters.first(Engine::weights), G.taps() * Engine::fine.channels,
                             G.taps() * Engine::coarse.channels, random);
    std::ranges::fill(parameters.subspan(Engine::weights), Scalar(0));
  }

  template <class Pack>
  static void pack(std::span<const typename Pack::Scalar> parameters, typename Pack::Scalar* panels) {
    Engine::pack(
        [w = parameters.data()](Index row, Index column, Index f, Index c) { return w[Engine::at(row, column, f, c)]; },
        panels);
  }

  template <class Pack, Layout X, class Y>
  static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
    Engine::forward(x, a.panels, HasBias ? a.parameters.data() + Engine::weights : nullptr, y);
  }

  template <class Pack, Layout X, Layout Y, Layout DY, class DX>
  static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, Y>,
                       FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
    Engine::weight_gradient(x, dy, gradient.panels, gradient.sum);
    if constexpr (HasBias) kernels::add_channel_sums(dy, gradient.parameters.data() + Engine::weights);
    if constexpr (DX::wanted) Engine::data_gradient(dy, a.panels, dx);
  }

  template <class Pack>
  static void unpack(const typename Pack::Scalar* panels, std::span<typename Pack::Scalar> gradient) {
    Engine::template for_each_gradient<Pack>(panels, [&](Index row, Index column, Index f, Index c, auto value) {
      gradient[static_cast<std::size_t>(Engine::at(row, column, f, c))] += value;
    });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
