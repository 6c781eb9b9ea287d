#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/convolution.hpp>
#include <eigencoder/layers/options/padding.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// UpSampling2D (nearest) and a Conv2D without stride, as one transposed convolution whose stride is the factor n.
///
/// In one dimension, y(q) = sum_k w(k) up(q + k - p) with up(n r + u) = x(r), 0 <= u < n. So x(r) reaches y(q) through
/// all taps k = n r + u + p - q; put m = q - n r + (K - 1 - p), then
///   y(q) = sum over n r + m - (K - 1 - p) = q of W(m) x(r),   W(m) = sum_u w(K - 1 - m + u),
/// a kernel of K + n - 1 taps: for n = 2, K = 3 it is [w2, w1 + w2, w0 + w1, w0]. In two dimensions each output then
/// sums 4 products in place of 9, and the enlarged map is never written. The fold is linear; dw is its adjoint on dW.
///
/// `Up` and `Convolution` are the bound layers that this stage stands for; the parameters are the convolution's.
template <class Up, class Convolution>
struct FusedUpSampling2DConv2D : Convolution {
  static constexpr Shape input = Up::input;

  /// `unpack` adds several folded weights' gradients up.
  static constexpr bool sums_kernels = false;

  static constexpr kernels::Axis fold(kernels::Axis axis, Index factor) {
    return {axis.kernel + factor - 1, factor, 1, axis.kernel - 1 - axis.padding};
  }
  static constexpr kernels::Geometry original = Convolution::geometry;
  using Weights = typename Convolution::Engine;
  using Engine = detail::Convolution<kernels::Geometry{fold(original.rows, Up::scale.height),
                                                       fold(original.columns, Up::scale.width)},
                                     input, Convolution::output, true>;

  static constexpr Border input_border = Engine::input_border;
  static constexpr Border gradient_border = Engine::gradient_border;
  template <class Pack>
  static constexpr Index panel_size = Engine::panel_size;
  template <class Pack>
  static constexpr Index gradient_panel_size = Engine::template weight_gradient_size<Pack>;

  template <class Scalar>
  using Single = kernels::channels::Convolution<
      Scalar, kernels::Geometry{fold(original.rows, Up::scale.height), fold(original.columns, Up::scale.width)}, input,
      Convolution::output, true, FusedUpSampling2DConv2D>;
  /// The folded weight between two channels.
  template <class Scalar>
  static Scalar weight(const Scalar* parameters, Index row, Index column, Index in, Index out) {
    Scalar folded = 0;
    for_each_source(row, column, [&](Index u, Index v) { folded += parameters[Weights::at(u, v, in, out)]; });
    return folded;
  }

  template <class Pack>
  static void pack(std::span<const typename Pack::Scalar> parameters, typename Pack::Scalar* panels) {
    Engine::pack(
        [&](Index row, Index column, Index out, Index in) { return weight(parameters.data(), row, column, in, out); },
        panels);
  }

  template <class Pack, Layout X, class Y>
  static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
    Engine::forward(x, a.panels, Convolution::has_bias ? a.parameters.data() + Weights::weights : nullptr, y);
  }

  template <class Pack, Layout X, Layout Y, Layout DY, class DX>
  static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, Y>,
                       FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
    Engine::weight_gradient(x, dy, gradient.panels, gradient.sum);
    if constexpr (Convolution::has_bias) kernels::add_channel_sums(dy, gradient.parameters.data() + Weights::weights);
    if constexpr (DX::wanted) Engine::data_gradient(dy, a.panels, dx);
  }

  template <class Pack>
  static void unpack(const typename Pack::Scalar* panels, std::span<typename Pack::Scalar> gradient) {
    Engine::template for_each_gradient<Pack>(panels, [&](Index row, Index column, Index out, Index in, auto value) {
      for_each_source(row, column, [&](Index u, Index v) {
        gradient[static_cast<std::size_t>(Weights::at(u, v, in, out))] += value;
      });
    });
  }

 private:
  /// f(u, v) for the weights of the convolution that the folded weight (row, column) sums.
  template <class Function>
  static void for_each_source(Index row, Index column, const Function& f) {
    for (Index u = 0; u < original.rows.kernel; ++u) {
      const Index row_copy = u - (original.rows.kernel - 1 - row);
      if (row_copy < 0 || row_copy >= Up::scale.height) continue;
      for (Index v = 0; v < original.columns.kernel; ++v) {
        const Index column_copy = v - (original.columns.kernel - 1 - column);
        if (column_copy >= 0 && column_copy < Up::scale.width) f(u, v);
      }
    }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
