#pragma once

#include <eigencoder/applications/label_efficiency.hpp>
#include <string>

namespace examples {

/// Prints a table of how well images' codes tell their labels and keep their neighbours, a row a kind of code.
class EmbeddingReport {
 public:
  /// Prints the head. `test` are the images themselves; neighbours are compared among the first of them.
  EmbeddingReport(eigencoder::Dataset test, eigencoder::LabelEfficiencyOptions options);

  /// The codes of training and test images, with their labels.
  void row(const std::string& name, const eigencoder::Dataset& train, const eigencoder::Dataset& test) const;

 private:
  eigencoder::Dataset images_;
  eigencoder::LabelEfficiencyOptions options_;
};

/// Codes with the labels of the images that they are of.
[[nodiscard]] eigencoder::Dataset labelled(eigencoder::Matrix<float> codes, const eigencoder::Dataset& images);

/// The principal components of training images: their own and those of test images.
struct Projected {
  eigencoder::Dataset train;
  eigencoder::Dataset test;
};
[[nodiscard]] Projected principal_components(const eigencoder::Dataset& train, const eigencoder::Dataset& test,
                                             eigencoder::Index count);

}  // namespace examples
