#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/form.hpp>
#include <eigencoder/layers/layer.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::network {

/// A layer without a form in the second layout: one sample goes through the first, the same in every lane.
template <class Scalar, class Layer>
struct OneLane : kernels::channels::StatelessForm {
  using Pack = eigencoder::Pack<Scalar>;
  static constexpr Layout x_layout{Layer::input, Layer::input_border};
  static constexpr Layout y_layout{Layer::output, {}};

  static constexpr Index parameters_at = kernels::channels::whole_lines<Scalar>(Layer::template panel_size<Pack>);
  static constexpr Index panel_size = parameters_at + parameter_count<Layer>;
  static constexpr Index y_at = x_layout.size();
  static constexpr Index cache_at = y_at + y_layout.size();
  static constexpr Index memory_size = (cache_at + Layer::template cache_size<Pack>)*Pack::lanes;

  static void pack(const Scalar* parameters, Scalar* panel) {
    std::copy_n(parameters, parameter_count<Layer>, panel + parameters_at);
    Layer::template pack<Pack>(own(panel), panel);
  }

  template <ChannelLayout X, ChannelLayout Y, auto f>
  static void run(const Scalar* x, const kernels::channels::Call<Scalar>& call, Scalar* y) {
    Pack* const packs = reinterpret_cast<Pack*>(call.memory);
    const FeatureMap<Pack, x_layout> in(packs);
    const FeatureMap<Pack, y_layout> out(packs + y_at);
    for_each_cell(X.shape, [&](Index c, Index i, Index j) { in(c, i, j) = Pack(x[X.at(i, j) + c]); });

    static constexpr Index sample = 0;
    const Context context{.samples = std::span(&sample, 1), .labels = std::span(&call.label, 1)};
    const Arguments<Pack> arguments{own(call.panel), call.panel, packs + cache_at, &context, 0, Pack(0), nullptr};
    Layer::template forward<Pack>(arguments, FeatureMap<const Pack, x_layout>(in),
                                  Sink<Pack, y_layout, Activate<f>>(out, {}));

    for_each_cell(Y.shape, [&](Index c, Index i, Index j) {
      alignas(simd::alignment) Scalar lanes[Pack::lanes];
      out(c, i, j).store(lanes);
      y[Y.at(i, j) + c] = lanes[0];
    });
  }

 private:
  static std::span<const Scalar> own(const Scalar* panel) {
    return {panel + parameters_at, static_cast<std::size_t>(parameter_count<Layer>)};
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
