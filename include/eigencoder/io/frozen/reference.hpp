#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/network/operations.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// What a frozen header will compute, in double precision and plain loops, while it is written: for the ranges of
/// activations, the test vector and the loss by rounding.
namespace eigencoder::inline EIGENCODER_TARGET::frozen {

using Values = std::vector<double>;

inline double activate(const network::ActivationFunction& f, double z) {
  if (f.name == "relu") return std::max(z, 0.0);
  if (f.name == "relu6") return std::clamp(z, 0.0, 6.0);
  if (f.name == "leaky_relu") return z < 0 ? f.parameter * z : z;
  if (f.name == "elu") return z < 0 ? f.parameter * std::expm1(z) : z;
  if (f.name == "selu") return Selu::scale * (z < 0 ? Selu::alpha * std::expm1(z) : z);
  if (f.name == "sigmoid") return 1 / (1 + std::exp(-z));
  if (f.name == "hard_sigmoid") return std::clamp(z + 3, 0.0, 6.0) / 6;
  if (f.name == "tanh") return std::tanh(z);
  if (f.name == "softplus") return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
  if (f.name == "softsign") return z / (1 + std::abs(z));
  if (f.name == "exponential") return std::exp(z);
  if (f.name == "silu") return z / (1 + std::exp(-z));
  if (f.name == "gelu") return z * std::erfc(-z / std::sqrt(2.0)) / 2;
  return z;
}

/// A layer with its weights as the frozen header has them, rounded or not: kernel (taps, in, out), bias (out).
struct Weighted {
  Values kernel;
  Values bias;
};

inline bool is_weighted(const Operation& layer) {
  using Kind = Operation::Kind;
  return layer.kind == Kind::dense || layer.kind == Kind::gaussian || layer.kind == Kind::convolution ||
         layer.kind == Kind::transposed_convolution;
}
/// Whether nothing has to be done: the values stay where they are.
inline bool is_nothing(const Operation& layer) {
  return layer.kind == Operation::Kind::reshape || layer.kind == Operation::Kind::identity;
}

/// f(output cell, input cell, tap) for every pair that a window couples.
template <class Function>
void for_each_tap(const network::LayerOperation& layer, const Function& f) {
  const bool transposed = layer.kind == Operation::Kind::transposed_convolution;
  const auto input = [&](const kernels::Axis& axis, Index size, Index v, Index k) -> Index {
    const kernels::Reach reach{axis, transposed};
    const Index i = reach.uses(v, k) ? reach.input(v, k) : -1;
    return i < size ? i : -1;
  };
  for (Index i = 0; i < layer.output.height; ++i)
    for (Index j = 0; j < layer.output.width; ++j)
      for (Index u = 0; u < layer.rows.kernel; ++u)
        for (Index v = 0; v < layer.columns.kernel; ++v) {
          const Index row = input(layer.rows, layer.input.height, i, u);
          const Index column = input(layer.columns, layer.input.width, j, v);
          if (row >= 0 && column >= 0)
            f(i * layer.output.width + j, row * layer.input.width + column, u * layer.columns.kernel + v);
        }
}

/// Without the activation.
inline Values run(const network::LayerOperation& layer, const Weighted& weights, const Values& x) {
  using Kind = Operation::Kind;
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  const Index in = layer.input.channels, out = layer.output.channels;
  Values y(at(layer.output.size()), 0);
  switch (layer.kind) {
    case Kind::dense:
    case Kind::gaussian:
    case Kind::convolution:
    case Kind::transposed_convolution:
      for (Index i = 0; i < layer.output.size(); ++i) y[at(i)] = weights.bias[at(i % out)];
      for_each_tap(layer, [&](Index to, Index from, Index tap) {
        for (Index c = 0; c < in; ++c)
          for (Index o = 0; o < out; ++o)
            y[at(to * out + o)] += x[at(from * in + c)] * weights.kernel[at((tap * in + c) * out + o)];
      });
      return y;
    case Kind::maximum:
      std::ranges::fill(y, -HUGE_VAL);
      for_each_tap(layer, [&](Index to, Index from, Index) {
        for (Index c = 0; c < in; ++c) y[at(to * in + c)] = std::max(y[at(to * in + c)], x[at(from * in + c)]);
      });
      return y;
    case Kind::average: {
      std::vector<int> count(at(layer.output.height * layer.output.width), 0);
      for_each_tap(layer, [&](Index to, Index from, Index) {
        ++count[at(to)];
        for (Index c = 0; c < in; ++c) y[at(to * in + c)] += x[at(from * in + c)];
      });
      for (std::size_t i = 0; i < y.size(); ++i) y[i] /= count[i / at(in)];
      return y;
    }
    case Kind::repetition:
    case Kind::padding:
    case Kind::cropping: {
      const bool crops = layer.kind == Kind::cropping;
      const Index top = crops ? -layer.sides.top : layer.sides.top, left = crops ? -layer.sides.left : layer.sides.left;
      for (Index i = 0; i < layer.output.height; ++i)
        for (Index j = 0; j < layer.output.width; ++j) {
          const Index row = i - top, column = j - left;
          if (row < 0 || row >= layer.input.height * layer.rows.stride || column < 0 ||
              column >= layer.input.width * layer.columns.stride)
            continue;
          const Index from = row / layer.rows.stride * layer.input.width + column / layer.columns.stride;
          for (Index c = 0; c < in; ++c) y[at((i * layer.output.width + j) * in + c)] = x[at(from * in + c)];
        }
      return y;
    }
    case Kind::reshape:
    case Kind::identity:
    case Kind::activation:
      return x;
    default:
      throw std::invalid_argument("write_frozen_header: layer " + layer.name +
                                  " is of a kind that frozen headers do not have: normalisation, TopK, vector "
                                  "quantisation, labels or bilinear upsampling");
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::frozen
