#pragma once

#include <eigencoder/network/single_network.hpp>
#include <vector>

/// One layer alone in the second layout.
namespace test {

/// y of a bound layer, without its activation, one sample a row.
template <class Layer, class Scalar>
eigencoder::Matrix<Scalar> run_single(const std::vector<Scalar>& parameters, const eigencoder::Matrix<Scalar>& x) {
  using Network = eigencoder::network::SingleNetwork<
      Scalar, eigencoder::network::List<eigencoder::network::Stage<Layer, eigencoder::linear>>>;
  eigencoder::Buffer<Scalar> panel(static_cast<std::size_t>(Network::panel_size));
  eigencoder::Buffer<Scalar> workspace(static_cast<std::size_t>(Network::workspace_size));
  Network::pack(parameters.data(), panel.data());
  eigencoder::Matrix<Scalar> y(x.rows(), Layer::output.size());
  for (eigencoder::Index sample = 0; sample < x.rows(); ++sample)
    Network::template run<0, 1>(x.row(sample).data(), panel.data(), workspace.data(), -1, y.row(sample).data());
  return y;
}

}  // namespace test
