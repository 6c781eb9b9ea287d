#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What of a model a writer writes: all of it, x -> y, the encoder, x -> h, or the decoder, h -> y.
enum class ModelPart { whole, encoder, decoder };

namespace network {

/// An activation as its name and its parameter, if it has one.
struct ActivationFunction {
  std::string_view name = linear.name;
  double parameter = 0;
};

/// One layer of a model as a value: what it computes, with which tensors, and the activation that follows.
struct LayerOperation : Operation {
  std::string name;  ///< "encoder.0"
  Shape input;
  Shape output;
  std::vector<NamedTensor> tensors;
  ActivationFunction activation;
};

template <class Function>
constexpr ActivationFunction function_of(const Function& f) {
  const auto is_any_of = []<class... Known>(const Known&...) { return (std::is_same_v<Function, Known> || ...); };
  static_assert(is_any_of(linear, relu, relu6, leaky_relu, elu, selu, sigmoid, hard_sigmoid, activations::tanh,
                          softplus, softsign, exponential, silu, gelu),
                "the model has an activation of your own, which nothing outside of the library knows");
  if constexpr (requires { f.parameter(); }) {
    return {f.name, f.parameter()};
  } else {
    return {f.name};
  }
}

template <class Layer>
constexpr ActivationFunction function_after() {
  if constexpr (Layer::operation.kind == Operation::Kind::activation) {
    return function_of(Layer::function);
  } else {
    return function_of(activation_of<Layer>());
  }
}

/// The layers of a part of a model, in order. What lies between encoder and decoder counts for the encoder.
template <class Model>
std::vector<LayerOperation> operations(ModelPart part) {
  const std::vector<LayerInfo> layers = Model::layers();
  const std::vector<NamedTensor> tensors = Model::tensors();
  std::vector<LayerOperation> all;
  auto tensor = tensors.begin();
  auto info = layers.begin();
  const auto append = [&]<class Layer>(std::type_identity<Layer>) {
    static_assert(Layer::operation.kind != Operation::Kind::none,
                  "the model has a layer that nothing outside of the library knows: its `operation` says not what it "
                  "computes; see layers/operation.hpp");
    const auto next = tensor + static_cast<std::ptrdiff_t>(Layer::tensors.size());
    if ((part != ModelPart::decoder || info->part == "decoder") &&
        (part != ModelPart::encoder || info->part != "decoder")) {
      all.push_back({Layer::operation,
                     info->part + "." + std::to_string(info->number),
                     Layer::input,
                     Layer::output,
                     {tensor, next},
                     function_after<Layer>()});
    }
    tensor = next;
    ++info;
  };
  [&]<class... Layers>(List<Layers...>) { (append(std::type_identity<Layers>{}), ...); }(typename Model::Layers{});
  return all;
}

}  // namespace network

}  // namespace eigencoder::inline EIGENCODER_TARGET
