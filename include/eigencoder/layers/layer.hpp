#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/operation.hpp>
#include <eigencoder/maps/sink.hpp>
#include <eigencoder/simd/running_sum.hpp>
#include <span>
#include <string>
#include <string_view>

/// The protocol of layers. A layer is a type, named with its options in a model's list, whose member template `Layer`
/// binds it to the shape of its input; everything is static. This one, complete, computes y = 2 x:
///
///     struct Twice {
///       template <Shape In>
///       struct Layer : Stateless {                          // the defaults of all that is not hidden below
///         static constexpr std::string_view name = "Twice";  // in summaries and messages
///         static constexpr Shape input = In;
///         static constexpr Shape output = In;
///
///         // Reads x and writes each cell of y once. The lanes of a Pack are samples: a layer never mixes them.
///         template <class Pack, Layout X, class Y>
///         static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
///           for_each_cell(In, [&](Index c, Index i, Index j) { y(c, i, j) = Pack(2) * x(c, i, j); });
///         }
///
///         // From dy = dLoss/dy: writes each cell of dx = dLoss/dx once, unless nobody wants it, and *adds* the
///         // parameters' gradient to the last argument. x and y are as they were after forward; y is what has gone
///         // through the layer's activation, and dy has come back through it.
///         template <class Pack, Layout X, Layout Y, Layout DY, class DX>
///         static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, FeatureMap<const Pack, Y> y,
///                              FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
///           if constexpr (DX::wanted)
///             for_each_cell(In, [&](Index c, Index i, Index j) { dx(c, i, j) = Pack(2) * dy(c, i, j); });
///         }
///       };
///     };
///
/// A layer with parameters names them in `tensors` and draws them in `initialize`; one that has an `activation`, a
/// static member, gets it applied to what it writes. The rest that a layer may hide is in `Stateless`. One that names
/// its form for a single sample, `template <class Scalar> using Single`, is faster in a Predictor: see
/// kernels/channels/form.hpp.
namespace eigencoder::inline EIGENCODER_TARGET {

/// The name and shape of one parameter tensor of a layer; row-major, in Keras's layout.
struct Tensor {
  std::string_view name;
  std::array<Index, 4> dims{};
  int rank = 0;

  constexpr Tensor(std::string_view n, Index d0) : name(n), dims{d0}, rank(1) {}
  constexpr Tensor(std::string_view n, Index d0, Index d1) : name(n), dims{d0, d1}, rank(2) {}
  constexpr Tensor(std::string_view n, Index d0, Index d1, Index d2, Index d3)
      : name(n), dims{d0, d1, d2, d3}, rank(4) {}

  [[nodiscard]] constexpr Index size() const {
    Index product = 1;
    for (int d = 0; d < rank; ++d) product *= dims[static_cast<std::size_t>(d)];
    return product;
  }
};

/// What a micro-batch's walk knows of itself, for the layers that draw random numbers, take labels or add to the loss.
struct Context {
  bool training = false;
  Seed seed{};
  std::uint64_t epoch = 0;
  /// The number, in its dataset, of the sample in each lane: noise depends on it, not on the lane or the thread.
  std::span<const Index> samples{};
  /// All labels of that dataset; empty if it has none.
  std::span<const int> labels{};
  /// Whether layers that draw their outputs do so outside of training too: for losses that are expectations over them.
  bool sampling = false;
  /// What the losses that layers add count for in the model's, and how much of each of their terms is free.
  double added_loss_weight = 1;
  double added_loss_allowance = 0;
};

/// What a layer's static functions get besides the maps.
template <class Pack>
struct Arguments {
  using Scalar = typename Pack::Scalar;
  /// This layer's tensors, one after the other.
  std::span<const Scalar> parameters;
  /// What `pack` made of them, once a step, for all threads.
  const Scalar* panels;
  /// `cache_size` packs that live from the layer's forward to its backward.
  Pack* cache;
  const Context* context;
  /// The layer's place in its model, so that two layers draw different noise.
  int layer;
  /// Each sample's share in the batch's loss, 0 for a lane without a sample.
  Pack weight;
  /// Where `forward` adds, for each of the layer's `measures`, the sum over the samples of weight x value; null if
  /// nobody asks.
  double* measures;
};

/// Where a layer *adds* its parameters' gradient; each thread has its own.
template <class Pack>
struct Gradient {
  using Scalar = typename Pack::Scalar;
  /// In the tensors' own order.
  std::span<Scalar> parameters;
  /// `gradient_panel_size` scalars in the order that suits the kernel; `unpack` adds them to the tensors later.
  Scalar* panels;
  /// For a layer that `sums_kernels`.
  RunningSum sum{};
};

/// What most layers are: without parameters, panels, borders or memory. A layer hides what it has.
struct Stateless {
  static constexpr std::array<Tensor, 0> tensors{};
  static constexpr Border input_border{};
  static constexpr Border gradient_border{};

  /// What the layer computes by, as far as neither its name, its shapes nor its activation tell: "3 x 3, same". Files
  /// of weights have it, so that those of another layer are not taken for this one's.
  static std::string details() { return {}; }

  /// The same for machines, if it is one of the operations that others know, too: see layers/operation.hpp.
  static constexpr Operation operation{};

  /// How many quantities a layer measures; and whether the first of them is a loss of its own, added to the model's.
  static constexpr std::size_t measures = 0;
  static constexpr bool adds_loss = false;
  /// Calls f(name, value) for what the means of those quantities over a batch tell: always the same names, in the same
  /// order.
  template <class Function>
  static void report(std::span<const double>, Function&&) {}

  /// Whether outputs lie where the inputs do, as those of a pooling and not those of a matrix product.
  static constexpr bool keeps_range = false;

  /// A layer that takes the samples' labels takes 0 ... classes - 1.
  static constexpr int classes = 0;

  /// Whether `backward` brings the gradients of the layer's kernels, its tensors of more than one dimension, to their
  /// sums by `Gradient::sum`, so that summing them costs no pass over them of its own; what it then leaves in panels,
  /// `unpack` only moves.
  static constexpr bool sums_kernels = false;

  /// SIMD registers to a pack that suit the kernels; 0: as the neighbours like.
  static constexpr int registers = 0;

  template <class Pack>
  static constexpr Index panel_size = 0;
  template <class Pack>
  static constexpr Index gradient_panel_size = 0;
  template <class Pack>
  static constexpr Index cache_size = 0;

  /// Draws the initial parameters.
  template <class Scalar, class Random>
  static void initialize(std::span<Scalar>, Random&) {}
  /// Copies the parameters to where the kernels want them.
  template <class Pack>
  static void pack(std::span<const typename Pack::Scalar>, typename Pack::Scalar*) {}
  template <class Pack>
  static void unpack(const typename Pack::Scalar*, std::span<typename Pack::Scalar>) {}
};

/// Scalars in a layer's tensors.
template <class Layer>
inline constexpr Index parameter_count = [] {
  Index total = 0;
  for (const Tensor& tensor : Layer::tensors) total += tensor.size();
  return total;
}();

namespace detail {

template <class T>
concept HasName = requires {
  { T::name } -> std::convertible_to<std::string_view>;
};
template <class L>
concept HasShapes = requires {
  { L::input } -> std::convertible_to<Shape>;
  { L::output } -> std::convertible_to<Shape>;
};
template <class L>
concept HasState = requires {
  L::tensors.size();
  { L::input_border } -> std::convertible_to<Border>;
  { L::gradient_border } -> std::convertible_to<Border>;
  { L::measures } -> std::convertible_to<std::size_t>;
  { L::template cache_size<AnyPack> } -> std::convertible_to<Index>;
};
template <class L>
concept HasForward = requires(const Arguments<AnyPack>& a, FeatureMap<const AnyPack, Layout{L::input}> x,
                              NoSink<AnyPack, Layout{L::output}> y) { L::template forward<AnyPack>(a, x, y); };
template <class L>
concept HasBackward = requires(const Arguments<AnyPack>& a, FeatureMap<const AnyPack, Layout{L::input}> x,
                               FeatureMap<const AnyPack, Layout{L::output}> y, NoSink<AnyPack, Layout{L::input}> dx,
                               Gradient<AnyPack> gradient) { L::template backward<AnyPack>(a, x, y, y, dx, gradient); };

/// Refuses what is not a layer by a sentence that names what it misses.
template <class L>
struct RequireLayer {
  static_assert(HasName<L>, "layer: `static constexpr std::string_view name` is missing");
  static_assert(HasShapes<L>, "layer: `static constexpr Shape input, output` are missing");
  static_assert(HasState<L>,
                "layer: tensors, borders, measures or cache_size are missing; derive the layer from Stateless, which "
                "has the defaults");
  static_assert(!HasShapes<L> || HasForward<L>,
                "layer: `template <class Pack, Layout X, class Y> static void forward(const Arguments<Pack>&, "
                "FeatureMap<const Pack, X> x, Y y)` is missing; see layers/layer.hpp");
  static_assert(!HasShapes<L> || HasBackward<L>,
                "layer: `template <class Pack, Layout X, Layout Y, Layout DY, class DX> static void backward(const "
                "Arguments<Pack>&, FeatureMap<const Pack, X> x, FeatureMap<const Pack, Y> y, FeatureMap<const Pack, "
                "DY> dy, DX dx, Gradient<Pack>)` is missing; see layers/layer.hpp");
};

}  // namespace detail

/// What users' types must have; each concept is in the file of what it describes. Their namespace keeps their names
/// apart from the things that they are of.
namespace concepts {

/// A layer bound to its input's shape.
template <class L>
concept Layer = detail::HasName<L> && detail::HasShapes<L> && detail::HasState<L> && detail::HasForward<L> &&
                detail::HasBackward<L>;

}  // namespace concepts

}  // namespace eigencoder::inline EIGENCODER_TARGET
