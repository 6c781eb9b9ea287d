#pragma once

#include <bit>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/frozen/reference.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How a frozen header stores weights. The biases are floats, with int8 sums of the layer's own unit.
enum class Weights { float32, float16, bfloat16, int8 };

namespace frozen {

/// int8 q stands for (q - zero) scale.
struct Scale {
  double scale = 1;
  int zero = 0;

  /// For numbers of a range, which must have the 0 that padding stands for.
  static Scale of(double low, double high) {
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
    if (high == low) return {};
    const double scale = static_cast<float>((high - low) / 255);
    return {scale, static_cast<int>(std::clamp(std::round(-128 - low / scale), -128.0, 127.0))};
  }
  [[nodiscard]] double rounded(double value) const {
    return (std::clamp(std::round(value / scale) + zero, -128.0, 127.0) - zero) * scale;
  }
};

/// One layer as the header will have it.
struct FrozenLayer {
  network::LayerOperation layer;
  Weighted weights;            ///< as they are stored, as numbers
  std::vector<int> integers;   ///< of int8: kernel (taps, in, out), (out, in) of a dense layer
  std::vector<double> scales;  ///< of int8: of each channel's weights
  Scale scale;                 ///< of int8: of what the layer gives

  /// Whether the output has other values than the input, and so, as int8, another scale.
  [[nodiscard]] bool makes_values() const { return is_weighted(layer) || layer.kind == Operation::Kind::activation; }
};

/// A float as sign, exponent and `digits` of its 23 fraction bits, rounded to even, as a number.
inline double rounded_fraction(float value, int digits) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const int dropped = 23 - digits;
  const std::uint32_t half = (1U << (dropped - 1)) - 1 + (bits >> dropped & 1);
  return static_cast<double>(std::bit_cast<float>((bits + half) >> dropped << dropped));
}
inline std::uint16_t bfloat16_bits(double value) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16);
}
/// IEEE 754's binary16; what is too large is clamped.
inline double rounded_half(double value) {
  const double size = std::min(std::abs(value), 65504.0);
  const double step = std::ldexp(1.0, std::max(size > 0 ? std::ilogb(size) : -14, -14) - 10);
  return std::copysign(std::nearbyint(size / step) * step, value);
}
inline std::uint16_t float16_bits(double half) {
  const double size = std::abs(half);
  const auto sign = static_cast<std::uint16_t>(std::signbit(half) ? 0x8000 : 0);
  if (size < std::ldexp(1.0, -14)) return static_cast<std::uint16_t>(sign | static_cast<int>(std::ldexp(size, 24)));
  const int exponent = std::ilogb(size);
  return static_cast<std::uint16_t>(sign |
                                    (((exponent + 14) << 10) + static_cast<int>(std::ldexp(size, 10 - exponent))));
}

/// A layer's weights in the header's order, (taps, in, out).
inline Weighted weights_of(const network::LayerOperation& layer, std::span<const float> parameters) {
  const auto values = [&](const NamedTensor& tensor) {
    const auto part =
        parameters.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.size()));
    return Values(part.begin(), part.end());
  };
  Weighted weights{values(layer.tensors[0]), Values(static_cast<std::size_t>(layer.output.channels), 0)};
  if (layer.tensors.size() > 1) weights.bias = values(layer.tensors[1]);
  if (layer.kind == Operation::Kind::transposed_convolution) {
    const auto in = static_cast<std::size_t>(layer.input.channels),
               out = static_cast<std::size_t>(layer.output.channels);
    const Values from = weights.kernel;
    for (std::size_t k = 0; k < from.size(); ++k)
      weights.kernel[(k / (in * out) * in + k % in) * out + k / in % out] = from[k];
  }
  return weights;
}

/// Rounds a layer's weights to what is stored; int8: symmetric, a scale a channel, the bias in units of the sums.
inline void round_weights(FrozenLayer& frozen, Weights as, double input_scale) {
  Weighted& w = frozen.weights;
  if (as == Weights::float16) std::ranges::transform(w.kernel, w.kernel.begin(), rounded_half);
  if (as == Weights::bfloat16)
    std::ranges::transform(w.kernel, w.kernel.begin(),
                           [](double value) { return rounded_fraction(static_cast<float>(value), 7); });
  if (as != Weights::int8) return;
  const std::size_t out = w.bias.size(), rest = w.kernel.size() / out;
  const bool is_dense = frozen.layer.kind == Operation::Kind::dense || frozen.layer.kind == Operation::Kind::gaussian;
  frozen.scales.assign(out, 1);
  frozen.integers.resize(w.kernel.size());
  for (std::size_t o = 0; o < out; ++o) {
    double largest = 0;
    for (std::size_t k = 0; k < rest; ++k) largest = std::max(largest, std::abs(w.kernel[k * out + o]));
    if (largest > 0) frozen.scales[o] = largest / 127;
    for (std::size_t k = 0; k < rest; ++k) {
      double& value = w.kernel[k * out + o];
      const double integer = std::round(value / frozen.scales[o]);
      frozen.integers[is_dense ? o * rest + k : k * out + o] = static_cast<int>(integer);
      value = integer * frozen.scales[o];
    }
    const double unit = input_scale * frozen.scales[o];
    w.bias[o] = std::clamp(std::round(w.bias[o] / unit), -1e9, 1e9) * unit;
  }
}

/// The layers of encoder or decoder, and the scale of what goes in.
struct FrozenPart {
  std::vector<FrozenLayer> layers;
  Scale input;

  /// The last layer that does anything; it gives floats.
  [[nodiscard]] std::size_t last() const {
    std::size_t k = layers.size() - 1;
    while (k > 0 && is_nothing(layers[k].layer)) --k;
    return k;
  }

  /// What the part makes of one sample; with int8, of rounded activations. visit(k, values) sees every layer's.
  template <class Visit>
  [[nodiscard]] Values run(Values x, bool is_int8, const Visit& visit) const {
    if (is_int8) std::ranges::transform(x, x.begin(), [&](double value) { return input.rounded(value); });
    for (std::size_t k = 0; k < layers.size(); ++k) {
      const FrozenLayer& frozen = layers[k];
      x = frozen::run(frozen.layer, frozen.weights, x);
      const bool rounds = is_int8 && !(k == last() && frozen.makes_values()) && !is_nothing(frozen.layer);
      for (double& value : x) {
        value = activate(frozen.layer.activation, value);
        if (rounds) value = frozen.scale.rounded(value);
      }
      visit(k, x);
    }
    return x;
  }
  [[nodiscard]] Values run(Values x, bool is_int8) const {
    return run(std::move(x), is_int8, [](std::size_t, const Values&) {});
  }
};

}  // namespace frozen

}  // namespace eigencoder::inline EIGENCODER_TARGET
