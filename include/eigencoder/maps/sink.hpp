#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/feature_map.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A feature map that a layer writes, each cell once, through an elementwise function f: y(c, i, j) = f(value).
///
/// Forward, f is the layer's activation. Backward, f multiplies dx by the derivative of the activation that made x, so
/// that dx reaches the layer below as the gradient with respect to its value *before* the activation. So no layer knows
/// of activations, and none costs a pass over memory.
template <class Pack_, Layout L, class Epilogue>
class Sink {
 public:
  using Pack = Pack_;
  using Register = typename Pack::Register;
  static constexpr Layout layout = L;
  static constexpr Shape shape = L.shape;
  /// False only for the gradient of a model's input, which nobody asks for.
  static constexpr bool wanted = true;

  constexpr Sink(FeatureMap<Pack, L> map, Epilogue epilogue) : map_(map), epilogue_(epilogue) {}

  /// The cell (c, i, j), to be assigned once.
  class Cell {
   public:
    [[gnu::always_inline]] void operator=(Pack value) const {
      simd::unroll<Pack::registers>([&](int r)
                                        __attribute__((always_inline)) { sink_.store(c_, i_, j_, r, value.part[r]); });
    }

   private:
    friend Sink;
    constexpr Cell(const Sink& sink, Index c, Index i, Index j) : sink_(sink), c_(c), i_(i), j_(j) {}
    const Sink& sink_;
    Index c_, i_, j_;
  };

  [[gnu::always_inline]] Cell operator()(Index c, Index i, Index j) const { return {*this, c, i, j}; }
  /// The k-th value in (height, width, channels) order, to be assigned once.
  [[gnu::always_inline]] Cell operator[](Index k) const {
    if constexpr (L.shape.is_flat()) {
      return {*this, k, 0, 0};
    } else {
      const Index cell = k / L.shape.channels;
      return {*this, k % L.shape.channels, cell / L.shape.width, cell % L.shape.width};
    }
  }
  /// Register r of the cell (c, i, j): for kernels, whose tiles hold registers.
  [[gnu::always_inline]] void store(Index c, Index i, Index j, int r, Register value) const {
    map_(c, i, j).part[r] = epilogue_(value, c, i, j, r);
  }

 private:
  FeatureMap<Pack, L> map_;
  Epilogue epilogue_;
};

/// Forward: y = f(z).
template <auto Activation>
struct Activate {
  template <class Register>
  [[gnu::always_inline]] Register operator()(Register z, Index, Index, Index, int) const {
    return Activation.value(z);
  }
};

/// Backward: dz = dx f'(z), with f' from x = f(z), what the layer below gave.
template <auto Activation, class Pack, Layout L>
struct Differentiate {
  FeatureMap<const Pack, L> x;

  template <class Register>
  [[gnu::always_inline]] Register operator()(Register dx, Index c, Index i, Index j, int r) const {
    return Activation.gradient(dx, x(c, i, j).part[r]);
  }
};

/// The input gradient that nobody asked for: layers skip its computation.
template <class Pack_, Layout L>
struct NoSink {
  using Pack = Pack_;
  static constexpr Layout layout = L;
  static constexpr Shape shape = L.shape;
  static constexpr bool wanted = false;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
