#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/micro_batch.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::network {

/// Stages First ... Last - 1 on every sample: one row of the result a sample.
template <class Network, int First, int Last>
Matrix<typename Network::Scalar> predict(std::span<const typename Network::Scalar> parameters, const Dataset& data,
                                         Index threads) {
  constexpr Shape shape = Network::template activation_layout<Last>.shape;
  Matrix<typename Network::Scalar> rows(data.size(), shape.size());
  for_each_micro_batch<Network, First, Last>(parameters, data, threads, [&](const auto& batch, auto& workspace, auto&) {
    using Map = FeatureMap<const typename Network::Pack, Network::template activation_layout<Last>>;
    kernels::store_lanes(Map(workspace.template activation<Last>()), batch.size(), rows.row(batch.first()).data(),
                         shape.size());
  });
  return rows;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
