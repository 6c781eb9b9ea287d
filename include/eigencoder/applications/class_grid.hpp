#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Every code decoded under every label 0 ... classes - 1 by a model whose decoder takes labels, see ConcatenateLabel:
/// first all codes as label 0, then all as label 1, and so on; one row a sample. Drawn with as many columns as there
/// are codes, a row of the picture is a class, and a column what the samples of one code have in common, such as slant
/// and width.
template <class Model>
[[nodiscard]] Matrix<typename Model::Scalar> class_grid(const Model& model, const Matrix<double>& codes, int classes,
                                                        Index threads = 1) {
  const Matrix<double> all = codes.replicate(classes, 1);
  std::vector<int> labels;
  for (int label = 0; label < classes; ++label)
    labels.insert(labels.end(), static_cast<std::size_t>(codes.rows()), label);
  return model.decode(Dataset(all).with_labels(std::move(labels)), threads);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
