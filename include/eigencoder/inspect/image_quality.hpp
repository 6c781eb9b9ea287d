#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/losses/structural_similarity.hpp>
#include <eigencoder/network/objective.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace inspect {

/// Each sample's loss between the model's reconstruction and its target, in double.
/// Throws std::invalid_argument if there are no samples, of the wrong size, or not a target for each.
template <class Model, class Loss>
Eigen::ArrayXd image_losses(const Model& model, const Dataset& data, const Dataset& targets, Loss loss, Index threads,
                            const char* where) {
  if (data.empty()) throw std::invalid_argument(std::string(where) + ": the data have no samples");
  network::require_features(data, Model::input, where);
  network::require_features(targets, Model::Decoder::output, where);
  if (!targets.empty() && targets.size() != data.size())
    throw std::invalid_argument(std::string(where) + ": there are " + std::to_string(targets.size()) + " targets for " +
                                std::to_string(data.size()) + " samples");
  return network::losses<typename Model::Network>(model.parameters(), data, targets, loss, threads)
      .template cast<double>();
}

}  // namespace inspect

/// How alike the model's reconstructions and the images are, or other images that they should be: SSIM in [-1, 1],
/// averaged over the samples, 1 if they are equal. See StructuralSimilarity. threads 0: all cores.
template <class Model>
[[nodiscard]] double structural_similarity(const Model& model, const Dataset& data, const Dataset& targets = {},
                                           double dynamic_range = 1, Index threads = 0) {
  const StructuralSimilarity loss{.dynamic_range = dynamic_range};
  return 1 - inspect::image_losses(model, data, targets, loss, threads, "structural_similarity").mean();
}

/// The peak signal-to-noise ratio of the model's reconstructions in decibels, averaged over the samples:
///   10 log10(range^2 / mse) with mse the mean squared error of one sample; infinite if one is reconstructed exactly.
/// TensorFlow: tf.image.psnr. threads 0: all cores.
template <class Model>
[[nodiscard]] double peak_signal_to_noise_ratio(const Model& model, const Dataset& data, const Dataset& targets = {},
                                                double dynamic_range = 1, Index threads = 0) {
  StructuralSimilarity{.dynamic_range = dynamic_range}.check(Model::input);
  const Eigen::ArrayXd errors =
      inspect::image_losses(model, data, targets, MeanSquaredError{}, threads, "peak_signal_to_noise_ratio");
  return -10 * (errors / (dynamic_range * dynamic_range)).log10().mean();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
