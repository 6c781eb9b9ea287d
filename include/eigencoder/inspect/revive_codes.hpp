#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/code_indices.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <eigencoder/random/philox.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Moves the codes of an autoencoder's vector quantiser, the last layer of the encoder, that hardly any cell of the
/// data chooses to where cells are: each becomes the vector of a random cell. Returns how many were moved.
///
/// Only codes that are chosen are pulled by the loss, so those that start far from the data stay unused, and the
/// codebook collapses to a few. Reviving the unused after each of the first epochs keeps it from that:
///
///     fit(model, data, loss, Adam{}, {.epochs = 30, .on_epoch_end = {[&](EpochEnd& end) {
///           if (end.epoch() < 5) revive_codes(model, data, static_cast<std::uint64_t>(end.epoch()));
///         }}});
///
/// `share`: a code chosen by fewer than share / codes of the cells counts as unused. The moves follow from the seed.
/// Throws std::invalid_argument if there are no samples, or of the wrong size.
/// Source: Dhariwal et al., "Jukebox", 2020, who do so with every step.
template <class Model>
int revive_codes(Model& model, const Dataset& data, Seed seed = {}, double share = 0.1, Index threads = 0) {
  using Network = typename Model::Network;
  using Scalar = typename Model::Scalar;
  using Quantizer = typename Network::template Layer<Model::code - 1>;
  if (data.empty()) throw std::invalid_argument("revive_codes: the data have no samples");
  constexpr Index codes = Quantizer::tensors[0].dims[0], channels = Quantizer::tensors[0].dims[1];
  const Matrix<int> indices = code_indices(model, data, threads);
  std::vector<Index> choices(static_cast<std::size_t>(codes));
  for (const int index : indices.reshaped()) ++choices[static_cast<std::size_t>(index)];

  const Matrix<Scalar> vectors =
      network::predict<Network, 0, Model::code - 1>(std::as_const(model).parameters(), data, threads);
  // The quantiser's codebook is the encoder's last tensor.
  Index codebook = 0;
  for (const NamedTensor& tensor : Model::tensors())
    if (tensor.name.starts_with("encoder.")) codebook = tensor.offset;
  Random random(seed, Stream::parameters);
  int moved = 0;
  for (Index code = 0; code < codes; ++code) {
    const auto chosen = static_cast<double>(choices[static_cast<std::size_t>(code)]);
    if (chosen * static_cast<double>(codes) >= share * static_cast<double>(indices.size())) continue;
    ++moved;
    const auto sample = static_cast<Index>(random.below(static_cast<std::uint64_t>(vectors.rows())));
    const auto cell = static_cast<Index>(random.below(static_cast<std::uint64_t>(indices.cols())));
    for (Index c = 0; c < channels; ++c)
      model.parameters()[static_cast<std::size_t>(codebook + code * channels + c)] =
          vectors(sample, cell * channels + c);
  }
  return moved;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
