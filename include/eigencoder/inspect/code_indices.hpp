#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/predict.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The indices of the codes that an autoencoder's vector quantiser, the last layer of the encoder, chooses for each
/// sample: one row a sample, one column a cell. threads 0: all cores. Throws std::invalid_argument if the samples have
/// not the input's size, or values that are not finite, which are near no code.
template <class Model>
[[nodiscard]] Matrix<int> code_indices(const Model& model, const Dataset& data, Index threads = 1) {
  using Network = typename Model::Network;
  using Pack = typename Network::Pack;
  using Quantizer = typename Network::template Layer<Model::code - 1>;
  static_assert(requires { Quantizer::cells; }, "code_indices: the encoder's last layer must be a VectorQuantizer");
  network::require_features(data, Model::input, "code_indices");
  data.check_finite();
  Matrix<int> indices(data.size(), Quantizer::cells);
  network::for_each_micro_batch<Network, 0, Model::code>(
      model.parameters(), data, threads, [&](const auto& batch, auto& workspace, auto&) {
        for (Index cell = 0; cell < Quantizer::cells; ++cell) {
          alignas(simd::alignment) typename Model::Scalar chosen[static_cast<std::size_t>(Pack::lanes)];
          workspace.template cache<Model::code - 1>()[cell].store(chosen);
          for (Index l = 0; l < batch.size(); ++l) indices(batch.first() + l, cell) = static_cast<int>(chosen[l]);
        }
      });
  return indices;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
