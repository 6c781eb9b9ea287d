#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/network.hpp>
#include <eigencoder/network/one_lane.hpp>
#include <eigencoder/network/stages.hpp>

/// A model in the second layout: one sample at a time, channels as lanes.
namespace eigencoder::inline EIGENCODER_TARGET::network {

/// The stages of a list of bound layers in the second layout: an up-sampling is folded into the convolution after it,
/// unless that makes more than 16 phases, each with code of its own.
constexpr auto single_stages(List<>) { return List<>{}; }
template <class First, class... Rest>
constexpr auto single_stages(List<First, Rest...>) {
  return List<Stage<First, activation_of<First>()>>{} + single_stages(List<Rest...>{});
}
template <eigencoder::detail::IsRepetition First, class Second, class... Rest>
  requires(Fuse<First, Second>::applies && First::scale.height * First::scale.width <= 16)
constexpr auto single_stages(List<First, Second, Rest...>) {
  using Layer = typename Fuse<First, Second>::type;
  return List<Stage<Layer, activation_of<Layer>(), 2>>{} + single_stages(List<Rest...>{});
}
template <class Bound>
using SingleStages = decltype(single_stages(Bound{}));

template <class Layer, class Scalar>
concept HasSingleForm = requires { typename Layer::template Single<Scalar>; };

/// A bound layer's form in the second layout.
template <class Scalar, class Layer>
struct SingleForm {
  using type = OneLane<Scalar, Layer>;
};
template <class Scalar, class Layer>
  requires HasSingleForm<Layer, Scalar>
struct SingleForm<Scalar, Layer> {
  using type = typename Layer::template Single<Scalar>;
};

/// A list of stages as a function of (panel, one sample), with all memory laid out at compile time. Boundary k is what
/// lies between stage k - 1 and stage k, as in Network; there are no gradients.
template <class Scalar_, class StageList>
class SingleNetwork;

template <class Scalar_, class... Stages>
class SingleNetwork<Scalar_, List<Stages...>> {
 public:
  using Scalar = Scalar_;
  using Call = kernels::channels::Call<Scalar>;
  static constexpr int count = static_cast<int>(sizeof...(Stages));

  template <int K>
  using Stage = std::tuple_element_t<static_cast<std::size_t>(K), std::tuple<Stages...>>;
  template <int K>
  using Layer = typename Stage<K>::Layer;
  template <int K>
  using Form = typename SingleForm<Scalar, Layer<K>>::type;

  /// Boundary k's shape, with the zeros around it that the next stage reads.
  template <int K>
  static constexpr ChannelLayout layout = [] {
    if constexpr (K < count) {
      return ChannelLayout{Layer<K>::input, Form<K>::border};
    } else {
      return ChannelLayout{Layer<count - 1>::output, {}};
    }
  }();

  static constexpr auto parameter_offsets =
      offsets_of(std::array{eigencoder::parameter_count<typename Stages::Layer>...});
  static constexpr auto panel_offsets = offsets_of(std::array{
      kernels::channels::whole_lines<Scalar>(SingleForm<Scalar, typename Stages::Layer>::type::panel_size)...});
  static constexpr Index panel_size = panel_offsets[count];

  /// In scalars: the boundaries, then what the stages need for themselves.
  static constexpr auto boundary_offsets = []<int... K>(std::integer_sequence<int, K...>) {
    return offsets_of(std::array{kernels::channels::whole_lines<Scalar>(layout<K>.size())...});
  }(std::make_integer_sequence<int, count + 1>{});
  static constexpr auto memory_offsets = offsets_of(std::array{
      kernels::channels::whole_lines<Scalar>(SingleForm<Scalar, typename Stages::Layer>::type::memory_size)...});
  static constexpr Index workspace_size = boundary_offsets[count + 1] + memory_offsets[count];

  static void pack(const Scalar* parameters, Scalar* panel) {
    [&]<int... K>(std::integer_sequence<int, K...>) {
      (Form<K>::pack(parameters + parameter_offsets[K], panel + panel_offsets[K]), ...);
    }(std::make_integer_sequence<int, count>{});
  }

  /// Stages First ... Last - 1, from x to y, both in the user's order. The workspace is zero at first, and so the
  /// borders stay.
  template <int First, int Last>
  static void run(const Scalar* x, const Scalar* panel, Scalar* workspace, int label, Scalar* y) {
    if constexpr (layout<First>.has_border()) {
      Scalar* const bordered = workspace + boundary_offsets[First];
      copy_cells<ChannelLayout{layout<First>.shape, {}}, layout<First>>(x, bordered);
      run_from<First, Last>(bordered, panel, workspace, label, y);
    } else {
      run_from<First, Last>(x, panel, workspace, label, y);
    }
  }

  /// Where boundary k's values are if it is the output.
  static constexpr Index output_offset = boundary_offsets[count];

 private:
  template <int K, int Last>
  [[gnu::always_inline]] static void run_from(const Scalar* x, const Scalar* panel, Scalar* workspace, int label,
                                              Scalar* y) {
    constexpr bool last = K + 1 == Last;
    constexpr ChannelLayout to = last ? ChannelLayout{layout<K + 1>.shape, {}} : layout<K + 1>;
    if constexpr (!last && Form<K>::is_view && !layout<K>.has_border() && !to.has_border()) {
      run_from<K + 1, Last>(x, panel, workspace, label, y);
    } else {
      Scalar* const result = last ? y : workspace + boundary_offsets[K + 1];
      const Call call{panel + panel_offsets[K], workspace + boundary_offsets[count + 1] + memory_offsets[K], label};
      Form<K>::template run<layout<K>, to, Stage<K>::activation>(x, call, result);
      if constexpr (!last) run_from<K + 1, Last>(result, panel, workspace, label, y);
    }
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
