#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/missing.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/network/check_values.hpp>
#include <eigencoder/network/predict.hpp>
#include <eigencoder/penalties/penalized.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::models {

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
        const auto against = [&]<Layout T>(FeatureMap<Pack, T> map) {
          using Output = FeatureMap<const Pack, Network::template activation_layout<Network::count>>;
          return loss.template evaluate<Chosen::logits>(
              Output(workspace.template activation<Network::count>()), FeatureMap<const Pack, T>(map), Pack(1),
              NoSink<Pack, Network::template gradient_layout<Network::count>>{});
        };
        alignas(simd::alignment) Scalar values[static_cast<std::size_t>(Pack::lanes)];
        if (target.empty()) {
          against(workspace.template activation<0>()).store(values);
        } else {
          target.visit([&](const auto& read) { kernels::load_lanes(read, batch.samples(), workspace.target()); });
          against(workspace.target()).store(values);
        }
        std::copy_n(values, batch.size(), result.data() + batch.first());
      });
  require_numbers(result, input, AcceptsMissing<Loss> ? Dataset{} : target);
  return result;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::models
