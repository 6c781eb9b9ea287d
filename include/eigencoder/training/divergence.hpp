#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <eigencoder/network/network.hpp>
#include <eigencoder/training/history.hpp>
#include <memory>
#include <stdexcept>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The loss or the gradient of a training step was not finite. The message names epoch, step and layer; the parameters
/// are those before that step, or those that a callback kept, such as EarlyStopping{.restore_best_weights = true}.
class DivergenceError : public std::runtime_error {
 public:
  explicit DivergenceError(const std::string& message, History history = {})
      : std::runtime_error(message), history_(std::make_shared<const History>(std::move(history))) {}

  /// The epochs that `fit` finished before.
  [[nodiscard]] const History& history() const { return *history_; }

 private:
  // Shared, so that copying the exception does not throw.
  std::shared_ptr<const History> history_;
};

/// Finding out where a training went to infinity. Only called once it has, so nothing here is fast.
namespace training {

/// The layer that a value not finite comes from: the first one whose output is not, else the last one, where
/// backpropagation starts, whose gradient is not.
///
/// run(look) must repeat the forward passes of the batch and call look(workspace) after each; least(number) is the
/// least of all processes that share the batch.
template <class Network, class Run, class Least>
std::string first_infinite_layer(const std::vector<LayerInfo>& layers, const std::vector<NamedTensor>& tensors,
                                 std::span<const typename Network::Scalar> gradient, const Run& run,
                                 const Least& least) {
  int bad_stage = Network::count;
  run([&](auto& workspace) {
    Network::template for_each<0, Network::count>([&]<int K>(std::integral_constant<int, K>) {
      const auto y = workspace.template activation<K + 1>();
      bool finite = true;
      for_each_cell(y.shape, [&](Index c, Index i, Index j) { finite = finite && std::isfinite(sum(y(c, i, j))); });
      if (!finite) bad_stage = std::min(bad_stage, K);
    });
  });
  bad_stage = least(bad_stage);
  const auto describe = [](const LayerInfo& layer) {
    return layer.part + "." + std::to_string(layer.number) + " (" + layer.layer + ")";
  };
  if (bad_stage < Network::count)
    return "the output of " + describe(layers[static_cast<std::size_t>(Network::layer_number(bad_stage))]);
  for (auto tensor = tensors.rbegin(); tensor != tensors.rend(); ++tensor) {
    const auto part =
        gradient.subspan(static_cast<std::size_t>(tensor->offset), static_cast<std::size_t>(tensor->size()));
    if (!std::ranges::all_of(part, [](auto g) { return std::isfinite(g); })) return "the gradient of " + tensor->name;
  }
  return "the loss";
}

inline std::string divergence_message(Index epoch, Index step, double loss, const std::string& where) {
  return "training stopped in epoch " + std::to_string(epoch + 1) + ", step " + std::to_string(step) + ": " + where +
         " is not finite (loss " + std::to_string(loss) + "); that step was not taken. " +
         (step == 1 ? "As it was the first one, the data are too large: scale them, to [0, 1] say"
                    : "A smaller learning rate or clipping (global_clipnorm) may help");
}

}  // namespace training

}  // namespace eigencoder::inline EIGENCODER_TARGET
