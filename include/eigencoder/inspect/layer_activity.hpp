#pragma once

#include <cmath>
#include <eigencoder/core/range.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <eigencoder/network/output_range.hpp>
#include <eigencoder/network/predict.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What the units of a layer, the channels of an image, do over the samples.
struct LayerActivity {
  LayerInfo layer;
  Index units = 0;
  /// Those that give one and the same value for all samples, such as 0 by relu: nothing comes through them, neither
  /// forward nor backward.
  std::vector<Index> dead;
  /// Of an activation with two ends (sigmoid, tanh): those that are within 1 % of its range of either end for at least
  /// 99 % of the samples. Hardly a gradient comes through.
  std::vector<Index> saturated;
  /// Whether all values were finite.
  bool finite = true;
};

namespace inspect {

/// "encoder.0 (Dense relu)"
[[nodiscard]] inline std::string name_of(const LayerInfo& layer) {
  std::string name = layer.part;
  name.append(".").append(std::to_string(layer.number)).append(" (").append(layer.layer);
  if (!layer.activation.empty()) name.append(" ").append(layer.activation);
  return name.append(")");
}

/// Where the outputs of a stage lie by its own activation.
template <class Stage>
constexpr Range range_of_stage() {
  if constexpr (requires { Stage::Layer::function.range(); }) {
    return Stage::Layer::function.range();
  } else if constexpr (requires { Stage::activation.range(); }) {
    return Stage::activation.range();
  } else {
    return {};
  }
}

/// Gathers one layer's values, unit by unit.
class ActivityCounter {
 public:
  ActivityCounter(Index units, Range range)
      : units_(static_cast<std::size_t>(units)), range_(range), margin_(0.01 * (range.high - range.low)) {}

  void add(Index unit, double value) {
    Unit& own = units_[static_cast<std::size_t>(unit)];
    if (own.count == 0) own.first = value;
    own.constant = own.constant && value == own.first;
    own.near_end += value < range_.low + margin_ || value > range_.high - margin_;
    ++own.count;
    finite_ = finite_ && std::isfinite(value);
  }

  [[nodiscard]] LayerActivity result(LayerInfo layer) const {
    LayerActivity activity{std::move(layer), static_cast<Index>(units_.size()), {}, {}, finite_};
    for (std::size_t u = 0; u < units_.size(); ++u) {
      const Unit& unit = units_[u];
      if (unit.constant) {
        activity.dead.push_back(static_cast<Index>(u));
      } else if (std::isfinite(margin_) &&
                 static_cast<double>(unit.near_end) >= 0.99 * static_cast<double>(unit.count)) {
        activity.saturated.push_back(static_cast<Index>(u));
      }
    }
    return activity;
  }

 private:
  struct Unit {
    double first = 0;
    bool constant = true;
    Index near_end = 0;
    Index count = 0;
  };
  std::vector<Unit> units_;
  Range range_;
  double margin_;  // not finite if the range has but one end, and nothing is then near it
  bool finite_ = true;
};

}  // namespace inspect

/// Every layer that has parameters or an activation, in order, the output's last. A convolution and the pooling or
/// upsampling that it is fused with are one. Throws std::invalid_argument if the samples have not the input's size.
template <class Model>
[[nodiscard]] std::vector<LayerActivity> layer_activity(const Model& model, const Dataset& data) {
  using Network = typename Model::Network;
  using Pack = typename Network::Pack;
  network::require_features(data, Model::input, "layer_activity");
  std::vector<inspect::ActivityCounter> counters;
  Network::template for_each<0, Network::count>([&]<int K>(std::integral_constant<int, K>) {
    counters.emplace_back(Network::template activation_layout<K + 1>.shape.channels,
                          inspect::range_of_stage<typename Network::template Stage<K>>());
  });
  network::for_each_micro_batch<Network, 0, Network::count>(
      model.parameters(), data, 1, [&](const auto& batch, auto& workspace, auto&) {
        Network::template for_each<0, Network::count>([&]<int K>(std::integral_constant<int, K>) {
          const auto y = workspace.template activation<K + 1>();
          for_each_cell(y.shape, [&](Index c, Index i, Index j) {
            alignas(simd::alignment) typename Model::Scalar lanes[static_cast<std::size_t>(Pack::lanes)];
            y(c, i, j).store(lanes);
            for (Index l = 0; l < batch.size(); ++l) counters[K].add(c, static_cast<double>(lanes[l]));
          });
        });
      });
  const std::vector<LayerInfo> layers = Model::layers();
  std::vector<LayerActivity> all;
  Network::template for_each<0, Network::count>([&]<int K>(std::integral_constant<int, K>) {
    using Stage = typename Network::template Stage<K>;
    constexpr bool split = Stage::covered == 0;  // an activation that is a stage of its own
    if constexpr (parameter_count<typename Stage::Layer> > 0 || requires { Stage::Layer::function; }) {
      if (split) all.pop_back();
      // Of upsampling and the convolution that it is fused with, the convolution.
      auto layer = static_cast<std::size_t>(Network::layer_number(K));
      if (Stage::covered == 2 && layers[layer].parameters == 0) ++layer;
      all.push_back(counters[K].result(layers[layer]));
    }
  });
  return all;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
