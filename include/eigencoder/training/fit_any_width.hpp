#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/models/any_width.hpp>
#include <eigencoder/noise/first_features_noise.hpp>
#include <eigencoder/training/fit.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Trains a model whose width is known only at run time: `fit`, with the same result as for a model of that width.
template <template <Index> class Model, Index... Widths, concepts::Loss Loss, concepts::Optimizer Optimizer>
History fit(AnyWidth<Model, Widths...>& model, const Dataset& data, Loss loss, Optimizer optimizer,
            FitOptions options = {}) {
  options.targets = model.widened(options.targets, "fit: targets");
  options.validation = model.widened(options.validation, "fit: validation");
  options.validation_targets = model.widened(options.validation_targets, "fit: validation targets");
  if (options.corruption) options.corruption = FirstFeaturesNoise{options.corruption, model.width()};
  const Dataset samples = model.widened(data, "fit");
  return model.visit(
      [&](auto& wide) { return fit(wide, samples, FirstFeatures{loss, model.width()}, optimizer, options); });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
