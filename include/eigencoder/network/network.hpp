#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/stages.hpp>
#include <eigencoder/simd/buffer.hpp>
#include <tuple>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET::models {

/// A list of stages as a function of (parameters, micro-batch), with all memory laid out at compile time.
///
/// Boundary k is what lies between stage k - 1 and stage k: boundary 0 is the input, boundary `count` the output. Each
/// has an activation and, but for the input, a gradient: dLoss / d(value before stage k - 1's activation).
template <class Scalar_, class StageList>
class Network;

template <class Scalar_, class... Stages>
class Network<Scalar_, List<Stages...>> {
 public:
  using Scalar = Scalar_;
  static constexpr int count = static_cast<int>(sizeof...(Stages));

  template <int K>
  using Stage = std::tuple_element_t<static_cast<std::size_t>(K), std::tuple<Stages...>>;
  template <int K>
  using Layer = typename Stage<K>::Layer;

  /// One register to a pack if any layer wants that (convolutions do), else as many as the hungriest layer likes.
  static constexpr int registers =
      ((Stages::Layer::registers == 1) || ...) ? 1 : std::max({1, Stages::Layer::registers...});
  using Pack = eigencoder::Pack<Scalar, registers>;
  using Array = Eigen::Array<Scalar, Eigen::Dynamic, 1>;

  /// The means over a batch of what the layers measure, in their order.
  static constexpr std::size_t measure_count = (std::size_t{0} + ... + Stages::Layer::measures);
  using Measures = std::array<double, measure_count>;
  static constexpr bool adds_loss = (false || ... || Stages::Layer::adds_loss);

  /// What the layers add to the loss.
  [[nodiscard]] static double added_loss(const Measures& means) {
    double total = 0;
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      if constexpr (Layer<K>::adds_loss) total += means[measure_offset<K>()];
    });
    return total;
  }
  /// Calls f(name, value) for what the layers tell of them.
  template <class Function>
  static void report(std::span<const double> means, Function&& f) {
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      Layer<K>::report(means.subspan(measure_offset<K>(), Layer<K>::measures), f);
    });
  }

  static constexpr Index whole_lines(Index scalars) {
    constexpr Index line = static_cast<Index>(simd::alignment / sizeof(Scalar));
    return (scalars + line - 1) / line * line;
  }

  static constexpr Shape input = Layer<0>::input;
  static constexpr Shape output = Layer<count - 1>::output;

  /// Boundary k's shape, with the zeros around it that the next stage reads.
  template <int K>
  static constexpr Layout activation_layout = [] {
    if constexpr (K < count) {
      return Layout{Layer<K>::input, Layer<K>::input_border};
    } else {
      return Layout{output, {}};
    }
  }();
  /// Boundary k's shape, with the zeros around it that stage k - 1 reads backward.
  template <int K>
  static constexpr Layout gradient_layout = Layout{Layer<K - 1>::output, Layer<K - 1>::gradient_border};

  static constexpr Index parameter_count = (Index{0} + ... + eigencoder::parameter_count<typename Stages::Layer>);
  /// Scalars of all layers' panels; each layer's start on a cache line.
  static constexpr Index panel_size = (Index{0} + ... + whole_lines(Stages::Layer::template panel_size<Pack>));
  static constexpr Index gradient_panel_size =
      (Index{0} + ... + whole_lines(Stages::Layer::template gradient_panel_size<Pack>));

  /// Stages First ... Last - 1 take the labels 0 ... classes - 1; 0 if they take none.
  template <int First, int Last>
  static constexpr int classes() {
    int most = 0;
    for_each<First, Last>([&]<int K>(std::integral_constant<int, K>) { most = std::max(most, Layer<K>::classes); });
    return most;
  }

  /// The number, in the user's list, of the first layer whose work stage k does.
  static constexpr int layer_number(int k) {
    constexpr std::array covered{Stages::covered...};
    int number = 0;
    for (int j = 0; j < k; ++j) number += covered[static_cast<std::size_t>(j)];
    return covered[static_cast<std::size_t>(k)] == 0 ? number - 1 : number;
  }

  /// The memory of one thread: activations, their gradients and the layers' own. Zero at first, and so the borders
  /// stay.
  class Workspace {
   public:
    Workspace() : memory_(static_cast<std::size_t>(size * Pack::lanes)) {}

    template <int K>
    [[nodiscard]] FeatureMap<Pack, activation_layout<K>> activation() {
      return FeatureMap<Pack, activation_layout<K>>(packs() + activation_offsets[K]);
    }
    template <int K>
    [[nodiscard]] FeatureMap<Pack, gradient_layout<K>> gradient() {
      return FeatureMap<Pack, gradient_layout<K>>(packs() + gradient_offsets[K]);
    }
    template <int K>
    [[nodiscard]] Pack* cache() {
      return packs() + cache_offsets[K];
    }
    /// What the output should be, where that is not the input.
    [[nodiscard]] FeatureMap<Pack, Layout{output}> target() {
      return FeatureMap<Pack, Layout{output}>(packs() + target_offset);
    }

    static constexpr Index bytes() { return size * static_cast<Index>(sizeof(Pack)); }

   private:
    using Offsets = std::array<Index, static_cast<std::size_t>(count) + 1>;

    static constexpr Offsets activation_offsets = []<int... K>(std::integer_sequence<int, K...>) {
      Offsets offsets{};
      Index next = 0;
      ((offsets[K] = next, next += activation_layout<K>.size()), ...);
      return offsets;
    }(std::make_integer_sequence<int, count + 1>{});
    static constexpr Index gradient_start = activation_offsets[count] + activation_layout<count>.size();
    static constexpr Offsets gradient_offsets = []<int... K>(std::integer_sequence<int, K...>) {
      Offsets offsets{};
      Index next = gradient_start;
      ((offsets[K + 1] = next, next += gradient_layout<K + 1>.size()), ...);
      return offsets;
    }(std::make_integer_sequence<int, count>{});
    static constexpr Index cache_start = gradient_offsets[count] + gradient_layout<count>.size();
    static constexpr Offsets cache_offsets = []<int... K>(std::integer_sequence<int, K...>) {
      Offsets offsets{};
      Index next = cache_start;
      ((offsets[K] = next, next += Layer<K>::template cache_size<Pack>), ...);
      offsets[count] = next;
      return offsets;
    }(std::make_integer_sequence<int, count>{});
    static constexpr Index target_offset = cache_offsets[count];
    static constexpr Index size = target_offset + Layout{output}.size();

    Pack* packs() { return reinterpret_cast<Pack*>(memory_.data()); }

    Buffer<Scalar> memory_;
  };

  /// One micro-batch's way through the network: what all its stages share.
  struct Pass {
    std::span<const Scalar> parameters;
    const Scalar* panels;
    Context context;
    /// Each sample's share in the batch's loss, 0 for a lane without a sample.
    Pack weight = Pack(0);
    /// What the layers measure is added here, unless null.
    Measures* measures = nullptr;
  };

  /// Stages First ... Last - 1, on activation<First>() of the workspace.
  template <int First = 0, int Last = count>
  static void forward(const Pass& pass, Workspace& w) {
    for_each<First, Last>([&]<int K>(std::integral_constant<int, K>) {
      using Out = Sink<Pack, activation_layout<K + 1>, Activate<Stage<K>::activation>>;
      Layer<K>::template forward<Pack>(arguments<K>(pass, w), input_of<K>(w), Out(w.template activation<K + 1>(), {}));
    });
  }

  /// Adds the parameters' gradient, given that gradient<count>() of the workspace is set and `forward` has run.
  /// tap(std::integral_constant<int, k>) is called when gradient<k>() is complete, and may add to it.
  template <class Tap>
  static void backward(const Pass& pass, Workspace& w, std::span<Scalar> gradient, Scalar* gradient_panels,
                       const Tap& tap) {
    for_each<0, count>([&]<int Reversed>(std::integral_constant<int, Reversed>) {
      constexpr int K = count - 1 - Reversed;
      tap(std::integral_constant<int, K + 1>{});
      const Gradient<Pack> own{gradient.subspan(offset<K>(), size<K>()), gradient_panels + gradient_panel_offset<K>()};
      const FeatureMap<const Pack, activation_layout<K + 1>> y = w.template activation<K + 1>();
      const FeatureMap<const Pack, gradient_layout<K + 1>> dy = w.template gradient<K + 1>();
      if constexpr (K > 0) {
        using Factor = Differentiate<Stage<K - 1>::activation, Pack, activation_layout<K>>;
        const Sink<Pack, gradient_layout<K>, Factor> dx(w.template gradient<K>(), Factor{input_of<K>(w)});
        Layer<K>::template backward<Pack>(arguments<K>(pass, w), input_of<K>(w), y, dy, dx, own);
      } else if constexpr (eigencoder::parameter_count<Layer<K>> > 0) {
        Layer<K>::template backward<Pack>(arguments<K>(pass, w), input_of<K>(w), y, dy,
                                          NoSink<Pack, activation_layout<K>>{}, own);
      }
    });
  }

  /// Where the loss writes: dLoss / dy, on its way through the last activation.
  [[nodiscard]] static auto output_gradient(Workspace& w) {
    using Factor = Differentiate<Stage<count - 1>::activation, Pack, activation_layout<count>>;
    return Sink<Pack, gradient_layout<count>, Factor>(
        w.template gradient<count>(),
        Factor{FeatureMap<const Pack, activation_layout<count>>(w.template activation<count>())});
  }

  /// Packs the parameters of the stages whose number is `id` modulo `team`, so that threads can share the work.
  static void pack(std::span<const Scalar> parameters, Scalar* panels, int id = 0, int team = 1) {
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      if (K % team == id)
        Layer<K>::template pack<Pack>(parameters.subspan(offset<K>(), size<K>()), panels + panel_offset<K>());
    });
  }

  /// Adds what the kernels left in their own order to the gradient.
  static void unpack(const Scalar* gradient_panels, std::span<Scalar> gradient) {
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      Layer<K>::template unpack<Pack>(gradient_panels + gradient_panel_offset<K>(),
                                      gradient.subspan(offset<K>(), size<K>()));
    });
  }

  /// f(std::integral_constant<int, k>) for k = First ... Last - 1.
  template <int First, int Last, class Function>
  static constexpr void for_each(Function&& f) {
    [&]<int... K>(std::integer_sequence<int, K...>) {
      (f(std::integral_constant<int, First + K>{}), ...);
    }(std::make_integer_sequence<int, Last - First>{});
  }

 private:
  /// The sum of f over the stages before stage K.
  template <int K, class Function>
  static constexpr Index sum_before(Function f) {
    Index total = 0;
    [&]<int... J>(std::integer_sequence<int, J...>) {
      ((total += f(std::type_identity<Layer<J>>{})), ...);
    }(std::make_integer_sequence<int, K>{});
    return total;
  }
  template <int K>
  static constexpr std::size_t offset() {
    return static_cast<std::size_t>(
        sum_before<K>([]<class L>(std::type_identity<L>) { return eigencoder::parameter_count<L>; }));
  }
  template <int K>
  static constexpr std::size_t size() {
    return static_cast<std::size_t>(eigencoder::parameter_count<Layer<K>>);
  }
  template <int K>
  static constexpr Index panel_offset() {
    return sum_before<K>([]<class L>(std::type_identity<L>) { return whole_lines(L::template panel_size<Pack>); });
  }
  template <int K>
  static constexpr Index gradient_panel_offset() {
    return sum_before<K>(
        []<class L>(std::type_identity<L>) { return whole_lines(L::template gradient_panel_size<Pack>); });
  }

  template <int K>
  static constexpr std::size_t measure_offset() {
    return static_cast<std::size_t>(
        sum_before<K>([]<class L>(std::type_identity<L>) { return static_cast<Index>(L::measures); }));
  }

  template <int K>
  static FeatureMap<const Pack, activation_layout<K>> input_of(Workspace& w) {
    return w.template activation<K>();
  }
  template <int K>
  static Arguments<Pack> arguments(const Pass& pass, Workspace& w) {
    return {pass.parameters.subspan(offset<K>(), size<K>()),
            pass.panels + panel_offset<K>(),
            w.template cache<K>(),
            &pass.context,
            layer_number(K),
            pass.weight,
            pass.measures == nullptr ? nullptr : pass.measures->data() + measure_offset<K>()};
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::models
