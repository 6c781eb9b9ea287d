#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/baselines.hpp>
#include <eigencoder/inspect/code_use.hpp>
#include <eigencoder/inspect/finding.hpp>
#include <eigencoder/inspect/layer_activity.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What `diagnose` found, and the figures that it is based on.
struct Diagnosis {
  std::vector<Finding> findings;
  /// Empty, or zero, where values that are not finite made an end of it.
  std::vector<LayerActivity> layers;
  CodeUse code;
  Baselines baselines;
  double error = 0;  ///< the model's mean squared error on the samples that the baselines are of

  [[nodiscard]] bool has(Sickness sickness) const {
    return std::ranges::find(findings, sickness, &Finding::sickness) != findings.end();
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
