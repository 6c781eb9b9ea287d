#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace inspect {

inline std::string diagram(const std::vector<LayerInfo>& layers) {
  std::string dot =
      "digraph autoencoder {\n"
      "  rankdir=TB;\n"
      "  node [shape=record, fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white];\n"
      "  input [label=\"{input|" +
      (layers.empty() ? std::string() : to_string(layers.front().input)) + "}\", fillcolor=\"#eeeeee\"];\n";
  std::string previous = "input";
  for (std::size_t first = 0; first < layers.size();) {
    const std::string& part = layers[first].part;
    std::string edges;
    dot +=
        "  subgraph cluster_" + part + " {\n    label=\"" + part + "\"; fontname=\"Helvetica\"; color=\"#888888\";\n";
    for (; first < layers.size() && layers[first].part == part; ++first) {
      const LayerInfo& layer = layers[first];
      const std::string node = part + "_" + std::to_string(layer.number);
      dot += "    " + node + " [label=\"{" + layer.layer + (layer.activation.empty() ? "" : " " + layer.activation) +
             "|{" + to_string(layer.input) + "|" + to_string(layer.output) + "}|" + std::to_string(layer.parameters) +
             " parameters}\"];\n";
      edges += "  " + previous + " -> " + node + ";\n";
      previous = node;
    }
    dot += "  }\n" + edges;
  }
  return dot + "}\n";
}

}  // namespace inspect

/// The model's layers, with their input and output shapes and parameters, as a graph for Graphviz: `dot -Tpng`.
/// Keras: plot_model.
template <class Model>
[[nodiscard]] std::string to_dot(const Model&) {
  return inspect::diagram(Model::layers());
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
