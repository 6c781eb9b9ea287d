#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/doctor.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What is wrong with a model, data it was trained on and the way it went, each by a sentence with its number and what
/// to try; nothing in `findings` if all seems well. See `Sickness`; what counts as which is said at each check.
///
/// Values that are not finite come alone, as all else follows from them. The model is looked at on at most `samples`
/// of the data, evenly spread; they are run through it once, and PCA takes seconds where both they and the features are
/// thousands. `loss`: the one that the model was trained with.
/// Throws std::invalid_argument if there are no samples, or of the wrong size.
template <class Model, class Loss = MeanSquaredError>
[[nodiscard]] Diagnosis diagnose(const Model& model, const Dataset& data, const History& history = {},
                                 const Loss& loss = {}, Index samples = 1000) {
  if (data.empty() || samples < 1) throw std::invalid_argument("diagnose: there are no samples");
  network::require_features(data, Model::input, "diagnose");
  const inspect::Subject subject = inspect::subject(model, loss);
  return inspect::Doctor(subject, data, history, samples).examine();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
