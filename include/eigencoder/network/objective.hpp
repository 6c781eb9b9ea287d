#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/missing.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/network/check_values.hpp>
#include <eigencoder/network/predict.hpp>
#include <eigencoder/penalties/penalized.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::network {

/// What a model minimises when it is trained with a loss: the loss itself, unless the model says otherwise.
template <class Model, class Loss>
struct ObjectiveOf {
  using type = Loss;
};
template <class Model, class Loss>
  requires requires { typename Model::template Objective<Loss>; }
struct ObjectiveOf<Model, Loss> {
  using type = typename Model::template Objective<Loss>;
};
template <class Model, class Loss>
using Objective = typename ObjectiveOf<Model, Loss>::type;

/// The network on which a loss is computed: for a loss that takes the logits of a sigmoid (binary cross-entropy) and a
/// model that ends in one, the same without that sigmoid.
template <class Network, class Loss>
struct LossNetwork {
  using type = Network;
  static constexpr bool logits = false;
};
template <class Scalar, class... Stages, class Loss>
  requires(Loss::from_logits_of_sigmoid &&
           std::is_same_v<std::remove_cvref_t<decltype(Network<Scalar, List<Stages...>>::template Stage<
                                                       static_cast<int>(sizeof...(Stages)) - 1>::activation)>,
                          std::remove_cvref_t<decltype(sigmoid)>>)
struct LossNetwork<Network<Scalar, List<Stages...>>, Loss> {
  using type = Network<Scalar, typename Logits<List<Stages...>>::type>;
  static constexpr bool logits = true;
};

/// Each lane's loss between the output in a workspace and its target, which is the workspace's or, without one, the
/// input; where that has another shape there must be one. The gradient goes into dy. See mean_over_features.
template <class Chosen, class Loss, class Workspace, class Pack, class DY>
[[nodiscard]] Pack evaluate_loss(const Loss& loss, Workspace& workspace, bool has_target, Pack weight, DY dy) {
  using Network = typename Chosen::type;
  const FeatureMap<const Pack, Network::template activation_layout<Network::count>> y =
      workspace.template activation<Network::count>();
  const auto against = [&]<Layout T>(FeatureMap<Pack, T> target) {
    return loss.template evaluate<Chosen::logits>(y, FeatureMap<const Pack, T>(target), weight, dy);
  };
  if constexpr (is_own_target<Loss>(Network::input, Network::output)) {
    return has_target ? against(workspace.target()) : against(workspace.template activation<0>());
  } else {
    return against(workspace.target());
  }
}

/// Where a network's loss writes its gradient if nobody wants it.
template <class Network>
using NoOutputGradient = NoSink<typename Network::Pack, Network::template gradient_layout<Network::count>>;

/// Each sample's loss between a network's output and its target, without what layers and penalties add; no targets: the
/// input itself.
template <class PlainNetwork, class Loss>
Vector<typename PlainNetwork::Scalar> losses(std::span<const typename PlainNetwork::Scalar> parameters,
                                             const Dataset& data, const Dataset& targets, const Loss& loss,
                                             Index threads) {
  static_assert(sizeof(detail::RequireLoss<Loss>) > 0);
  static_assert(!has_penalties<Loss>,
                "the loss of each sample: penalties are of the whole model; give the loss without them");
  using Scalar = typename PlainNetwork::Scalar;
  using Chosen = LossNetwork<PlainNetwork, Loss>;
  using Network = typename Chosen::type;
  using Pack = typename Network::Pack;
  check_loss(loss, Network::output);
  Vector<Scalar> result(data.size());
  const Dataset input = AcceptsMissing<Loss> ? without_missing(data) : data;
  const Dataset target = AcceptsMissing<Loss> && targets.empty() ? data : targets;
  for_each_micro_batch<Network, 0, Network::count>(
      parameters, input, threads, [&](const auto& batch, auto& workspace, auto&) {
        if (!target.empty()) load(target, batch.samples(), workspace.target());
        alignas(simd::alignment) Scalar values[static_cast<std::size_t>(Pack::lanes)];
        evaluate_loss<Chosen>(loss, workspace, !target.empty(), Pack(1), NoOutputGradient<Network>{}).store(values);
        std::copy_n(values, batch.size(), result.data() + batch.first());
      });
  require_numbers(result, input, AcceptsMissing<Loss> ? Dataset{} : target);
  return result;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
