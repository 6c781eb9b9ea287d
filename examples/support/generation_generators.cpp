#include "generation.hpp"

namespace examples {

using namespace eigencoder;

ImageGenerator::ImageGenerator(const Dataset& images, const FitOptions& options) : model_(options.seed) {
  fit(model_, images, BinaryCrossentropy{}, Adam{}, options);
}

Matrix<float> ImageGenerator::encode(const Dataset& images, Index threads) const {
  return model_.encode(images, threads);
}

ImageGenerator::Model::Distribution ImageGenerator::encode_distribution(const Dataset& images, Index threads) const {
  return model_.encode_distribution(images, threads);
}

Matrix<float> ImageGenerator::decode(const Dataset& codes, Index threads) const {
  return model_.decode(codes, threads);
}

Matrix<float> ImageGenerator::reconstruct(const Dataset& images, Index threads) const {
  return model_.reconstruct(images, threads);
}

ConditionalImageGenerator::ConditionalImageGenerator(const Dataset& images, const FitOptions& options)
    : model_(options.seed) {
  fit(model_, images, BinaryCrossentropy{}, Adam{}, options);
}

Matrix<float> ConditionalImageGenerator::decode(const Dataset& codes, Index threads) const {
  return model_.decode(codes, threads);
}

}  // namespace examples
