#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/network/stages.hpp>
#include <eigencoder/random/philox.hpp>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// One layer of a model, as `summary` and `to_dot` show it.
struct LayerInfo {
  std::string part;        ///< "encoder" or "decoder"
  int number = 0;          ///< its place in that part, from 0
  std::string layer;       ///< "Dense"
  std::string details;     ///< what else it computes by: "3 x 3, stride 1 x 1, same"
  std::string activation;  ///< "relu", empty if linear
  Shape input;
  Shape output;
  Index parameters = 0;
};

/// One tensor among a model's parameters, as files name it.
struct NamedTensor {
  std::string name;         ///< "encoder.0.kernel"
  std::vector<Index> dims;  ///< row-major
  Index offset = 0;         ///< of its first value in `parameters()`

  [[nodiscard]] Index size() const {
    Index product = 1;
    for (const Index dim : dims) product *= dim;
    return product;
  }
};

namespace network {

template <class... Layers>
void append_layers(std::vector<LayerInfo>& to, std::string_view part, List<Layers...>) {
  int number = 0;
  [[maybe_unused]] const auto append = [&]<class Layer>(std::type_identity<Layer>) {
    constexpr auto f = activation_of<Layer>();
    to.push_back({std::string(part), number++, std::string(Layer::name), Layer::details(),
                  f.name == linear.name ? std::string() : to_string(f), Layer::input, Layer::output,
                  parameter_count<Layer>});
  };
  (append(std::type_identity<Layers>{}), ...);
}

/// What a model computes, a line a layer: "encoder.0 Conv2D (3 x 3, stride 1 x 1, same) relu (28, 28, 1) -> (28, 28,
/// 16)".
inline std::string architecture(const std::vector<LayerInfo>& layers) {
  std::string text;
  for (const LayerInfo& layer : layers) {
    text += (text.empty() ? "" : "\n") + layer.part + "." + std::to_string(layer.number) + " " + layer.layer;
    if (!layer.details.empty()) text.append(" (").append(layer.details).append(")");
    if (!layer.activation.empty()) text.append(" ").append(layer.activation);
    text.append(" ").append(to_string(layer.input)).append(" -> ").append(to_string(layer.output));
  }
  return text;
}

/// One layer's tensors, called "<layer>.<tensor>".
template <class Layer>
void append_tensors(std::vector<NamedTensor>& to, const std::string& layer) {
  Index offset = to.empty() ? 0 : to.back().offset + to.back().size();
  for (const Tensor& tensor : Layer::tensors) {
    to.push_back(
        {layer + "." + std::string(tensor.name), {tensor.dims.begin(), tensor.dims.begin() + tensor.rank}, offset});
    offset += tensor.size();
  }
}

/// Those of a part's layers, called "<part>.<number>.<tensor>".
template <class... Layers>
void append_tensors(std::vector<NamedTensor>& to, const std::string& part, List<Layers...>) {
  int number = 0;
  (append_tensors<Layers>(to, part + "." + std::to_string(number++)), ...);
}

/// Draws every layer's initial parameters; each layer has its own random stream.
template <class Scalar, class... Layers>
void initialize(std::span<Scalar> parameters, Seed seed, List<Layers...>) {
  std::size_t offset = 0;
  int number = 0;
  const auto draw = [&]<class Layer>(std::type_identity<Layer>) {
    constexpr auto size = static_cast<std::size_t>(parameter_count<Layer>);
    Random random(seed, Stream::parameters, number++);
    Layer::initialize(parameters.subspan(offset, size), random);
    offset += size;
  };
  (draw(std::type_identity<Layers>{}), ...);
}

}  // namespace network

}  // namespace eigencoder::inline EIGENCODER_TARGET
