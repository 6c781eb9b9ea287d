#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/conv_pool.hpp>
#include <eigencoder/kernels/conv_pool_weight_gradient.hpp>
#include <eigencoder/layers/convolution.hpp>
#include <eigencoder/layers/pooling.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Conv2D and the MaxPool2D after it, whose windows tile the map: the convolution's map is never written, only each
/// window's maximum and the number of the cell that it comes from.
///
/// The activation f comes after the maximum here and before it in the two layers. As f does not decrease,
/// max f(z) = f(max z); and where f makes equal what was not, as relu does below 0, its derivative there is the same.
///
/// Backward, dz(c, cell) = dy(c, i, j) if the maximum of window (i, j) was that cell, else 0; and then as Conv2D.
///
/// `Convolution` and `Pool` are the bound layers that this stage stands for; the parameters are the convolution's.
template <class Convolution, class Pool>
struct FusedConv2DMaxPool2D : Convolution {
  using Engine = typename Convolution::Engine;
  static constexpr Shape convolved = Convolution::output;
  static constexpr Shape output = Pool::output;

  static constexpr kernels::Geometry geometry = Convolution::geometry;
  static constexpr Size pool = Pool::pool;

  /// Whether the weight gradient comes straight from the pooled map's gradient.
  static constexpr bool selects = kernels::selects_pooled_inputs<geometry> && pool == Size(2);
  template <class Pack>
  using WeightGradient = kernels::PooledWeightGradient<geometry, Convolution::input, output, Pack>;
  template <class Pack>
  static constexpr Index gradient_panel_size =
      selects ? WeightGradient<Pack>::panel_size : Engine::template weight_gradient_size<Pack>;

  static constexpr Border input_border =
      selects ? kernels::pooled_input_border(geometry, Convolution::input, output) : Engine::input_border;
  static constexpr Border gradient_border{};
  static constexpr kernels::PoolTile tile = kernels::choose_pool_tile(pool.height, pool.width, output);

  static constexpr Layout argmax_map{output};
  static constexpr Layout gradient_map{convolved, Engine::gradient_border};
  template <class Pack>
  static constexpr Index cache_size = argmax_map.size() + gradient_map.size();

  template <class Pack>
  static void pack(std::span<const typename Pack::Scalar> parameters, typename Pack::Scalar* panels) {
    Engine::template pack<kernels::Tile{.channels = tile.channels}>(
        [w = parameters.data()](Index row, Index column, Index f, Index c) { return w[Engine::at(row, column, f, c)]; },
        panels);
  }

  template <class Pack, Layout X, class Y>
  static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
    kernels::convolve_and_pool<geometry, convolved, pool.height, pool.width, tile>(
        x, a.panels, Convolution::has_bias ? a.parameters.data() + Engine::weights : nullptr, y,
        FeatureMap<Pack, argmax_map>(a.cache));
  }

  template <class Pack, Layout X, Layout YL, Layout DY, class DX>
  static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL>,
                       FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
    if constexpr (Convolution::has_bias) kernels::add_channel_sums(dy, gradient.parameters.data() + Engine::weights);
    const FeatureMap<const Pack, argmax_map> argmax(a.cache);
    if constexpr (selects) WeightGradient<Pack>::add(x, argmax, dy, gradient.panels, gradient.sum);
    if constexpr (!selects || DX::wanted) {
      const FeatureMap<Pack, gradient_map> dz(a.cache + argmax_map.size());
      spread(argmax, dy, dz);
      const FeatureMap<const Pack, gradient_map> spread_dy = dz;
      if constexpr (!selects) Engine::weight_gradient(x, spread_dy, gradient.panels, gradient.sum);
      if constexpr (DX::wanted) Engine::data_gradient(spread_dy, a.panels, dx);
    }
  }

  template <class Pack>
  static void unpack(const typename Pack::Scalar* panels, std::span<typename Pack::Scalar> gradient) {
    const auto add = [&](Index row, Index column, Index f, Index c, auto value) {
      gradient[static_cast<std::size_t>(Engine::at(row, column, f, c))] += value;
    };
    if constexpr (selects) {
      WeightGradient<Pack>::for_each_weight(
          panels, [&](Index c, Index f, Index row, Index column, auto value) { add(row, column, f, c, value); });
    } else {
      Engine::template for_each_gradient<Pack>(panels, add);
    }
  }

 private:
  /// dz from dy, with zeros around it.
  template <class Pack, Layout DY>
  [[gnu::noinline]] static void spread(FeatureMap<const Pack, argmax_map> argmax, FeatureMap<const Pack, DY> dy,
                                       FeatureMap<Pack, gradient_map> dz) {
    constexpr Border border = gradient_map.border;
    const auto clear = [&](Index c, Index i, Index first, Index last) __attribute__((always_inline)) {
      for (Index j = first; j < last; ++j) dz(c, i, j) = Pack(0);
    };
    constexpr Index covered_rows = std::min(convolved.height, output.height * pool.height);
    constexpr Index covered_columns = std::min(convolved.width, output.width * pool.width);
    for (Index c = 0; c < convolved.channels; ++c) {
      for (Index i = -border.top; i < convolved.height + border.bottom; ++i) {
        const bool covered = i >= 0 && i < covered_rows;
        clear(c, i, -border.left, covered ? 0 : covered_columns);
        clear(c, i, covered_columns, convolved.width + border.right);
      }
      kernels::for_blocks<covered_rows, pool.height>([&](auto height, Index row) __attribute__((always_inline)) {
        kernels::for_blocks<covered_columns, pool.width>([&](auto width, Index column) __attribute__((always_inline)) {
          const Pack k = argmax(c, row / pool.height, column / pool.width);
          const Pack d = dy(c, row / pool.height, column / pool.width);
          simd::unroll<height * width>([&](int cell) __attribute__((always_inline)) {
            const int u = cell / width;
            const int v = cell % width;
            dz(c, row + u, column + v) = keep(k == Pack(static_cast<typename Pack::Scalar>(u * pool.width + v)), d);
          });
        });
      });
    }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
