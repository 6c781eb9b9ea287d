#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/stages.hpp>
#include <eigencoder/simd/buffer.hpp>
#include <tuple>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET::network {

/// Where each of consecutive parts of these sizes begins; the last entry is the end of all.
template <std::size_t N>
constexpr std::array<Index, N + 1> offsets_of(const std::array<Index, N>& sizes) {
  std::array<Index, N + 1> offsets{};
  for (std::size_t k = 0; k < N; ++k) offsets[k + 1] = offsets[k] + sizes[k];
  return offsets;
}

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
  static constexpr auto measure_offsets = offsets_of(std::array{static_cast<Index>(Stages::Layer::measures)...});
  static constexpr auto measure_count = static_cast<std::size_t>(measure_offsets[count]);
  using Measures = std::array<double, measure_count>;
  static constexpr bool adds_loss = (false || ... || Stages::Layer::adds_loss);

  /// What the layers add to the loss.
  [[nodiscard]] static double added_loss(const Measures& means) {
    double total = 0;
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      if constexpr (Layer<K>::adds_loss) total += means[first_measure<K>];
    });
    return total;
  }
  /// Calls f(name, value) for what the layers tell of them.
  template <class Function>
  static void report(std::span<const double> means, Function&& f) {
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      Layer<K>::report(means.subspan(first_measure<K>, Layer<K>::measures), f);
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

  /// Where each stage's parameters begin in the model's, and its panels, which start on cache lines.
  static constexpr auto parameter_offsets =
      offsets_of(std::array{eigencoder::parameter_count<typename Stages::Layer>...});
  static constexpr auto panel_offsets =
      offsets_of(std::array{whole_lines(Stages::Layer::template panel_size<Pack>)...});
  static constexpr auto gradient_panel_offsets =
      offsets_of(std::array{whole_lines(Stages::Layer::template gradient_panel_size<Pack>)...});
  static constexpr Index parameter_count = parameter_offsets[count];
  static constexpr Index panel_size = panel_offsets[count];
  static constexpr Index gradient_panel_size = gradient_panel_offsets[count];
  /// A gradient on its way: that of the parameters, then the kernels' panels.
  static constexpr Index sum_size = whole_lines(parameter_count) + gradient_panel_size;

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

  /// The memory of one thread: activations, their gradients if it trains, and the layers' own. Zero at first, and so
  /// the borders stay.
  template <bool Trains>
  class Memory {
   public:
    Memory() : memory_(static_cast<std::size_t>(size * Pack::lanes)) {}

    template <int K>
    [[nodiscard]] FeatureMap<Pack, activation_layout<K>> activation() {
      return FeatureMap<Pack, activation_layout<K>>(packs() + activations[K]);
    }
    template <int K>
      requires Trains
    [[nodiscard]] FeatureMap<Pack, gradient_layout<K>> gradient() {
      return FeatureMap<Pack, gradient_layout<K>>(packs() + activations[count + 1] + gradients[K - 1]);
    }
    template <int K>
    [[nodiscard]] Pack* cache() {
      return packs() + activations[count + 1] + gradients[count] + caches[K];
    }
    /// What the output should be, where that is not the input.
    [[nodiscard]] FeatureMap<Pack, Layout{output}> target() {
      return FeatureMap<Pack, Layout{output}>(packs() + size - Layout{output}.size());
    }

    static constexpr Index bytes() { return size * static_cast<Index>(sizeof(Pack)); }

   private:
    // In packs, one after the other: the boundaries' activations, their gradients, the layers' caches, the target.
    static constexpr auto activations = []<int... K>(std::integer_sequence<int, K...>) {
      return offsets_of(std::array{activation_layout<K>.size()...});
    }(std::make_integer_sequence<int, count + 1>{});
    static constexpr auto gradients = []<int... K>(std::integer_sequence<int, K...>) {
      return offsets_of(std::array{Trains ? gradient_layout<K + 1>.size() : Index{0}...});
    }(std::make_integer_sequence<int, count>{});
    static constexpr auto caches = offsets_of(std::array{Index{Stages::Layer::template cache_size<Pack>}...});
    static constexpr Index size = activations[count + 1] + gradients[count] + caches[count] + Layout{output}.size();

    Pack* packs() { return reinterpret_cast<Pack*>(memory_.data()); }

    Buffer<Scalar> memory_;
  };
  using Workspace = Memory<true>;
  /// For `forward` alone.
  using ForwardWorkspace = Memory<false>;

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
  template <int First = 0, int Last = count, bool Trains>
  static void forward(const Pass& pass, Memory<Trains>& w) {
    for_each<First, Last>([&]<int K>(std::integral_constant<int, K>) {
      using Out = Sink<Pack, activation_layout<K + 1>, Activate<Stage<K>::activation>>;
      Layer<K>::template forward<Pack>(arguments<K>(pass, w), input_of<K>(w), Out(w.template activation<K + 1>(), {}));
    });
  }

  /// Adds the parameters' gradient to `sum_size` scalars, given that gradient<count>() of the workspace is set and
  /// `forward` has run. tap(std::integral_constant<int, k>) is called when gradient<k>() is complete, and may add to
  /// it.
  ///
  /// A part of a batch goes: `begin_sum`; `backward` of each micro-batch, with `running`; `end_sum`, which adds the
  /// sums that `running` names. A sum that is to be read needs `finish_sum`.
  template <class Tap>
  static void backward(const Pass& pass, Workspace& w, Scalar* sums, const RunningSum& running, const Tap& tap) {
    for_each<0, count>([&]<int Reversed>(std::integral_constant<int, Reversed>) {
      constexpr int K = count - 1 - Reversed;
      tap(std::integral_constant<int, K + 1>{});
      const Gradient<Pack> gradient{own<K>(parameters_of(sums)), panels_of<K>(sums),
                                    Layer<K>::sums_kernels ? running : RunningSum{}};
      const FeatureMap<const Pack, activation_layout<K + 1>> y = w.template activation<K + 1>();
      const FeatureMap<const Pack, gradient_layout<K + 1>> dy = w.template gradient<K + 1>();
      if constexpr (K > 0) {
        using Factor = Differentiate<Stage<K - 1>::activation, Pack, activation_layout<K>>;
        const Sink<Pack, gradient_layout<K>, Factor> dx(w.template gradient<K>(), Factor{input_of<K>(w)});
        Layer<K>::template backward<Pack>(arguments<K>(pass, w), input_of<K>(w), y, dy, dx, gradient);
      } else if constexpr (eigencoder::parameter_count<Layer<K>> > 0) {
        Layer<K>::template backward<Pack>(arguments<K>(pass, w), input_of<K>(w), y, dy,
                                          NoSink<Pack, activation_layout<K>>{}, gradient);
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
      if (K % team == id) Layer<K>::template pack<Pack>(own<K>(parameters), panels + panel_offsets[K]);
    });
  }

  /// Zeros what layers add to.
  static void begin_sum(Scalar* sums) {
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      for_each_part<K>(Plain{}, [&](Index first, Index size) { std::fill_n(sums + first, size, Scalar(0)); });
      if constexpr (!Layer<K>::sums_kernels)
        std::fill_n(panels_of<K>(sums), Layer<K>::template gradient_panel_size<Pack>, Scalar(0));
    });
  }
  /// Adds the sums below but for those that the layers have added themselves.
  static void end_sum(Scalar* sums, const RunningSum& running) {
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      if constexpr (!Layer<K>::sums_kernels)
        Layer<K>::template unpack<Pack>(panels_of<K>(sums), own<K>(parameters_of(sums)));
      for_each_part<K>(Plain{}, [&](Index first, Index size) {
        Scalar* at = sums + first;
        for (int k = 0; k < running.merged; ++k, at -= running.apart)
          for (Index i = 0; i < size; ++i) at[i - running.apart] += at[i];
      });
    });
  }
  /// Brings what lies in panels to the parameters' gradient.
  static void finish_sum(Scalar* sums) {
    for_each<0, count>([&]<int K>(std::integral_constant<int, K>) {
      constexpr Index panels = Layer<K>::template gradient_panel_size<Pack>;
      if constexpr (Layer<K>::sums_kernels && panels > 0) {
        for_each_part<K>(Kernels{}, [&](Index first, Index size) { std::fill_n(sums + first, size, Scalar(0)); });
        Layer<K>::template unpack<Pack>(panels_of<K>(sums), own<K>(parameters_of(sums)));
      }
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
  template <int K>
  static constexpr auto first_measure = static_cast<std::size_t>(measure_offsets[K]);

  /// The tensors of a stage that `sums_kernels`, and all others.
  struct Kernels {};
  struct Plain {};
  /// f(first, size) for each run of a stage's parameters that are of such tensors.
  template <int K, class Which, class Function>
  static constexpr void for_each_part(Which, const Function& f) {
    Index first = parameter_offsets[K], size = 0;
    for (const Tensor& tensor : Layer<K>::tensors) {
      const bool kernel = Layer<K>::sums_kernels && tensor.rank > 1;
      if (kernel == std::is_same_v<Which, Kernels>) {
        size += tensor.size();
      } else {
        if (size > 0) f(first, size);
        first += size + tensor.size();
        size = 0;
      }
    }
    if (size > 0) f(first, size);
  }

  static std::span<Scalar> parameters_of(Scalar* sums) { return {sums, static_cast<std::size_t>(parameter_count)}; }
  template <int K>
  static Scalar* panels_of(Scalar* sums) {
    return sums + whole_lines(parameter_count) + gradient_panel_offsets[K];
  }

  /// Stage K's part of the parameters, or of their gradient.
  template <int K, class Values>
  static std::span<Values> own(std::span<Values> all) {
    return all.subspan(static_cast<std::size_t>(parameter_offsets[K]),
                       static_cast<std::size_t>(eigencoder::parameter_count<Layer<K>>));
  }

  template <int K, bool Trains>
  static FeatureMap<const Pack, activation_layout<K>> input_of(Memory<Trains>& w) {
    return w.template activation<K>();
  }
  template <int K, bool Trains>
  static Arguments<Pack> arguments(const Pass& pass, Memory<Trains>& w) {
    return {own<K>(pass.parameters),
            pass.panels + panel_offsets[K],
            w.template cache<K>(),
            &pass.context,
            layer_number(K),
            pass.weight,
            pass.measures == nullptr ? nullptr : pass.measures->data() + first_measure<K>};
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
