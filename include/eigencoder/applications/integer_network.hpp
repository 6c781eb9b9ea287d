#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <eigencoder/applications/integer_distribution.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <eigencoder/network/stages.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A chain of dense layers computed in integers, so that its outputs are the same on every machine and in every build:
///
///   y(o) = f((2^16 b(o) + sum_i w(i, o) x(i)) / 2^16),
///
/// with w in units of 2^-16, b, x and y in those of 1/4096 (fixed_point::unit), halves rounded up. Nothing overflows:
/// weights are clamped to [-64, 64], values to [-16384, 16384], and a layer has at most 8192 inputs.
/// Source: Ballé, Johnston, Minnen, "Integer networks for data compression with latent-variable models", 2019.
class IntegerNetwork {
 public:
  using Values = std::vector<std::int64_t>;

  IntegerNetwork() = default;

  /// Adds a layer whose kernel (inputs, outputs) and bias, if it has one, lie one after the other.
  /// Throws std::invalid_argument if they are not finite or there are too many inputs.
  void add(Index inputs, Index outputs, std::span<const float> parameters, bool has_bias, bool relu) {
    Layer layer{static_cast<std::size_t>(inputs), static_cast<std::size_t>(outputs), {}, {}, relu};
    if (inputs > 8192)
      throw std::invalid_argument("IntegerNetwork: " + std::to_string(inputs) + " inputs; expected at most 8192");
    for (const float value : parameters)
      if (!std::isfinite(value)) throw std::invalid_argument("IntegerNetwork: a parameter is not finite");
    const std::size_t weights = layer.inputs * layer.outputs;
    for (const float w : parameters.first(weights))
      layer.weights.push_back(static_cast<std::int32_t>(fixed(w, 65536, 64)));
    for (std::size_t o = 0; o < layer.outputs; ++o)
      layer.biases.push_back(has_bias ? fixed(parameters[weights + o], fixed_point::unit, 16384) : 0);
    layers_.push_back(std::move(layer));
  }

  /// Adds the bound layers of a Sequential. A last layer's sigmoid is left out: it gives its logits.
  template <class... Layers>
  void add(network::List<Layers...>, std::span<const float> parameters) {
    std::size_t number = 0, offset = 0;
    const auto one = [&]<class Bound>(std::type_identity<Bound>) {
      constexpr bool is_dense = Bound::name == "Dense";
      static_assert(is_dense, "LosslessCodec: the layers must be Dense, which have a twin that computes in integers");
      if constexpr (is_dense) {
        using Function = std::remove_cvref_t<decltype(Bound::activation)>;
        constexpr bool is_relu = std::is_same_v<Function, Relu>, is_sigmoid = std::is_same_v<Function, Sigmoid>;
        static_assert(is_relu || is_sigmoid || std::is_same_v<Function, Linear>,
                      "LosslessCodec: the layers' activations must be relu or linear, or at the end sigmoid");
        if (is_sigmoid && number + 1 != sizeof...(Layers))
          throw std::invalid_argument("IntegerNetwork: a sigmoid is not at the end");
        constexpr auto size = static_cast<std::size_t>(parameter_count<Bound>);
        add(Bound::input.size(), Bound::output.size(), parameters.subspan(offset, size), Bound::has_bias, is_relu);
        offset += size;
        ++number;
      }
    };
    (one(std::type_identity<Layers>{}), ...);
  }

  /// The outputs for `inputs`, in units of 1 / fixed_point::unit.
  [[nodiscard]] Values operator()(Values values) const {
    for (const Layer& layer : layers_) values = layer(values);
    return values;
  }

 private:
  static std::int64_t fixed(float value, float unit, float limit) {
    return std::lround(std::clamp(value, -limit, limit) * unit);
  }

  struct Layer {
    std::size_t inputs, outputs;
    std::vector<std::int32_t> weights;
    std::vector<std::int64_t> biases;
    bool relu;

    [[nodiscard]] Values operator()(const Values& x) const {
      Values y(outputs);
      for (std::size_t o = 0; o < outputs; ++o) y[o] = biases[o] * 65536 + 32768;
      // Many values are 0: black pixels, and units that relu keeps silent.
      for (std::size_t i = 0; i < inputs; ++i) {
        if (x[i] == 0) continue;
        const std::int64_t value = x[i];
        const std::int32_t* const row = weights.data() + i * outputs;
        for (std::size_t o = 0; o < outputs; ++o) y[o] += value * row[o];
      }
      constexpr std::int64_t most = 16384 * fixed_point::unit;
      for (std::int64_t& value : y) value = std::clamp(value >> 16, relu ? 0 : -most, most);
      return y;
    }
  };

  std::vector<Layer> layers_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
