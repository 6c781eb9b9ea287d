#pragma once

#include <eigencoder/eigencoder.hpp>
#include <eigencoder/testing/model.hpp>

#include "gradients/harness.hpp"

namespace test {

using eigencoder::testing::gradient_of;
using eigencoder::testing::ModelCheck;
using eigencoder::testing::take_step;

/// testing::check_model_gradients as an assertion.
template <class Model, class Loss>
void check_model_gradient(const Model& model, const eigencoder::Samples& data, const Loss& loss,
                          const ModelCheck& check = {}) {
  REQUIRE_NOTHROW(eigencoder::testing::check_model_gradients(model, data, loss, check));
}

/// Smooth samples in [0, 1], labelled i modulo `classes`.
inline eigencoder::Dataset smooth_samples(Index count, const Shape& shape, int classes = 3) {
  eigencoder::Matrix<double> x(count, shape.size());
  std::vector<int> labels(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    labels[static_cast<std::size_t>(i)] = static_cast<int>(i % classes);
    for (Index k = 0; k < x.cols(); ++k)
      x(i, k) = 0.5 + 0.5 * std::sin(0.3 * static_cast<double>(k * (1 + i % 3)) + static_cast<double>(i));
  }
  return eigencoder::Dataset(std::move(x), shape).with_labels(std::move(labels));
}

}  // namespace test
