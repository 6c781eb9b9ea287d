#include <eigencoder/applications/frechet_distance.hpp>
#include <eigencoder/applications/gaussian_mixture.hpp>
#include <eigencoder/data/one_hot.hpp>
#include <eigencoder/losses/categorical_crossentropy.hpp>

#include "generation.hpp"

namespace examples {

using namespace eigencoder;

ImageJudge::ImageJudge(const Dataset& images, FitOptions options) : model_(options.seed) {
  options.targets = one_hot(images.labels(), classes);
  fit(model_, images, CategoricalCrossentropy{}, Adam{}, options);
  features_ = model_.encode(images, options.threads).cast<double>();
}

double ImageJudge::distance(const Dataset& images, Index threads) const {
  return frechet_distance(model_.encode(images, threads).cast<double>(), features_);
}

std::vector<int> ImageJudge::predict(const Dataset& images, Index threads) const {
  return model_.predict(images, threads);
}

FittedPrior mixture_prior(const Matrix<double>& codes, Index components, Seed seed) {
  GaussianMixture mixture({.components = components, .seed = seed});
  mixture.fit(codes);
  return {[=](Index n, Seed draw) { return mixture.sample(n, draw); }};
}

FittedPrior second_stage_prior(const Matrix<double>& codes, const TwoStagePriorOptions& options) {
  TwoStagePrior<code_size> second_stage(options);
  second_stage.fit(codes);
  return {[=](Index n, Seed draw) { return second_stage.sample(n, draw); }};
}

}  // namespace examples
