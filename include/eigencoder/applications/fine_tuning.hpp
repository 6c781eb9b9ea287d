#pragma once

#include <algorithm>
#include <eigencoder/applications/linear_probe.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/models/copy_encoder.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Makes a classifier ready to be trained on with few labels: it takes the encoder of a model that has learnt without
/// any, and for a head the linear probe of that model's codes, so that its first steps do not spoil what the encoder
/// knows. `labelled` has labels 0 ... classes - 1. The head must be one Dense layer with a bias.
///
///     start_fine_tuning(autoencoder, classifier, labelled);
///     fit(classifier, labelled, CategoricalCrossentropy{}, Adam{}, {.targets = one_hot(labelled.labels(), 10)});
///
/// Throws std::invalid_argument unless the labels are those of all the classifier's classes.
/// Source: Kumar et al., "Fine-tuning can distort pretrained features and underperform out-of-distribution", 2022.
template <class Pretrained, class Classifier>
void start_fine_tuning(const Pretrained& pretrained, Classifier& classifier, const Dataset& labelled) {
  using Head = typename Classifier::Decoder::Bound;
  using Scalar = typename Classifier::Scalar;
  constexpr Index features = Classifier::latent.size();
  constexpr Index weights = features * Classifier::classes;
  static_assert(Head::size == 1 && models::parameter_count_of(Head{}) == weights + Classifier::classes,
                "start_fine_tuning: the classifier's head must be one Dense layer with a bias");
  copy_encoder(pretrained, classifier);
  const LinearProbe probe(classifier.encode(labelled), labelled.labels());
  if (probe.kernel().cols() != Classifier::classes)
    throw std::invalid_argument("start_fine_tuning: there are labels of " + std::to_string(probe.kernel().cols()) +
                                " classes; expected " + std::to_string(Classifier::classes));
  const auto to = classifier.parameters().last(static_cast<std::size_t>(weights + Classifier::classes));
  const auto cast = [](double value) { return static_cast<Scalar>(value); };
  const auto after = std::transform(probe.kernel().data(), probe.kernel().data() + weights, to.begin(), cast);
  std::transform(probe.bias().begin(), probe.bias().end(), after, cast);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
