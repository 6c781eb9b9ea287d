#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/regularizers.hpp>
#include <eigencoder/optimizers/for_each_register.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::penalties {

/// f(regulariser, offset among the parameters, size) for every kernel of a network that is penalised: it is its layer's
/// first tensor.
template <class Network, class Function>
constexpr void for_each_penalized_kernel(const Function& f) {
  Index offset = 0;
  Network::template for_each<0, Network::count>([&]<int K>(std::integral_constant<int, K>) {
    using Layer = typename Network::template Layer<K>;
    if constexpr (requires { Layer::kernel_regularizer; }) {
      constexpr KernelRegularizer regularizer = Layer::kernel_regularizer;
      static_assert(regularizer.is_valid(), "a kernel's regulariser: l1 and l2 must be finite numbers >= 0");
      if constexpr (!regularizer.is_none()) f(regularizer, offset, Layer::tensors[0].size());
    }
    offset += parameter_count<Layer>;
  });
}

/// The sum of the penalties on a network's kernels, see KernelRegularizer; `active` if there are any.
///
/// Its gradient is not a micro-batch's business: it is added once a step, by each thread to its slice of the sum of
/// all.
template <class Network>
struct WeightPenalty {
  using Scalar = typename Network::Scalar;

  static constexpr bool active = [] {
    bool any = false;
    for_each_penalized_kernel<Network>([&](KernelRegularizer, Index, Index) { any = true; });
    return any;
  }();

  /// The penalty on the parameters first ... first + count - 1.
  static double value(std::span<const Scalar> parameters, Index first, Index count) {
    double total = 0;
    for_each_part(first, count, [&](KernelRegularizer regularizer, Index begin, Index size) {
      total += regularizer.value(Eigen::Map<const typename Network::Array>(parameters.data() + begin, size));
    });
    return total;
  }

  /// Adds its gradient by the same.
  static void add_gradient(std::span<const Scalar> parameters, std::span<Scalar> gradient, Index first, Index count) {
    using Register = eigencoder::Register<Scalar>;
    for_each_part(first, count, [&](KernelRegularizer regularizer, Index begin, Index size) {
      const auto part = [&](auto all) {
        return all.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
      };
      for_each_register(
          part(gradient), part(parameters),
          std::array<std::span<Scalar>, 0>{}, [&](Register & g, Register w, auto&) __attribute__((always_inline)) {
            g += regularizer.gradient(w);
          });
    });
  }

 private:
  /// f(regulariser, begin, size) for the kernels' parts among the parameters first ... first + count - 1.
  template <class Function>
  static void for_each_part(Index first, Index count, const Function& f) {
    for_each_penalized_kernel<Network>([&](KernelRegularizer regularizer, Index offset, Index size) {
      const Index begin = std::max(first, offset), end = std::min(first + count, offset + size);
      if (begin < end) f(regularizer, begin, end - begin);
    });
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::penalties
