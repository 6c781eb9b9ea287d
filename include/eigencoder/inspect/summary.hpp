#pragma once

#include <cstdio>
#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace inspect {

/// The table of `summary` for any model's layers.
inline std::string layer_table(const std::vector<LayerInfo>& layers, Index scalar_bytes, Index micro_batch,
                               Index workspace_bytes) {
  const auto row = [](const std::string& layer, const std::string& shape, const std::string& parameters) {
    char line[128];
    std::snprintf(line, sizeof line, "%-34s %-20s %14s\n", layer.c_str(), shape.c_str(), parameters.c_str());
    return std::string(line);
  };
  const auto thousands = [](Index value) {
    std::string digits = std::to_string(value);
    for (auto place = static_cast<Index>(digits.size()) - 3; place > 0; place -= 3)
      digits.insert(static_cast<std::size_t>(place), 1, ',');
    return digits;
  };
  const std::string rule(70, '-');
  std::string table = row("Layer", "Output shape", "Parameters") + rule + "\n";
  table += row("input", layers.empty() ? "" : to_string(layers.front().input), "0");
  Index total = 0;
  for (const LayerInfo& layer : layers) {
    const std::string name = layer.part + "." + std::to_string(layer.number) + "  " + layer.layer +
                             (layer.activation.empty() ? "" : " " + layer.activation);
    table += row(name, to_string(layer.output), thousands(layer.parameters));
    total += layer.parameters;
  }
  table += rule + "\n";
  table += "Total parameters: " + thousands(total) + " (" + thousands(total * scalar_bytes) + " bytes)\n";
  table += "Micro-batch: " + std::to_string(micro_batch) +
           " samples, a sample per SIMD lane; workspace: " + thousands(workspace_bytes) + " bytes a thread\n";
  return table;
}

}  // namespace inspect

/// The model as a table: layers, output shapes, parameters; totals; the samples that a thread takes at a time and the
/// memory that this needs.
template <class Model>
[[nodiscard]] std::string summary(const Model&) {
  using Network = typename Model::Network;
  std::string table = inspect::layer_table(Model::layers(), sizeof(typename Model::Scalar), Network::Pack::lanes,
                                           Network::Workspace::bytes());
  if (Model::predicts_one_by_one) table += "Prediction: one sample at a time, channels as SIMD lanes\n";
  return table;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
