#pragma once

#include <array>
#include <cstdint>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/sink.hpp>
#include <eigencoder/core/target.hpp>
#include <span>
#include <string_view>

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
  /// Whether a variational layer draws its code, not only in training: for losses that are expectations over it.
  bool sampling = false;
  /// What a variational layer's divergence counts for, and the nats of it that are free in each latent dimension.
  double beta = 1;
  double free_bits = 0;
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
  /// `gradient_panel_size` scalars in the order that suits the kernel; `unpack` adds them to the tensors at the step's
  /// end.
  Scalar* panels;
};

/// What most layers are: without parameters, panels, borders or memory. A layer hides what it has.
struct Stateless {
  static constexpr std::array<Tensor, 0> tensors{};
  static constexpr Border input_border{};
  static constexpr Border gradient_border{};

  /// How many quantities a layer measures; and whether the first of them is a loss of its own, added to the model's.
  static constexpr std::size_t measures = 0;
  static constexpr bool adds_loss = false;
  /// Calls f(name, value) for what the means of those quantities over a batch tell.
  template <class Function>
  static void report(std::span<const double>, Function&&) {}

  /// A layer that takes the samples' labels takes 0 ... classes - 1.
  static constexpr int classes = 0;

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

}  // namespace eigencoder::inline EIGENCODER_TARGET
