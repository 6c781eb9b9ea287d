#pragma once

#include <algorithm>
#include <eigencoder/applications/few_labels.hpp>
#include <eigencoder/applications/linear_probe.hpp>
#include <eigencoder/applications/nearest_neighbors.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/accuracy.hpp>
#include <set>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Accuracies on test samples of what was learnt from so many labelled training samples.
struct LabelledAccuracy {
  Index labels = 0;
  double linear_probe = 0;
  double nearest_neighbors = 0;
};

struct LabelEfficiencyOptions {
  /// Of labelled samples; more than there are: all.
  std::vector<Index> labels{10, 100, 1000};
  /// The accuracies are averaged over so many draws of the labelled samples; a single one where all are.
  int draws = 3;
  /// Or as many as there are labelled samples to a class, if that is less.
  Index n_neighbors = 5;
  Seed seed{};
  Index threads = 0;
};

/// How well the labels of samples, such as codes, can be told if only a few are known: by LinearProbe and by
/// KNeighborsClassifier. Throws std::invalid_argument if there are no labels.
[[nodiscard]] inline std::vector<LabelledAccuracy> label_efficiency(const Dataset& train, const Dataset& test,
                                                                    const LabelEfficiencyOptions& options = {}) {
  if (train.labels().empty() || test.labels().empty())
    throw std::invalid_argument("label_efficiency: the samples have no labels; expected Dataset::with_labels");
  const auto classes = static_cast<Index>(std::set<int>(train.labels().begin(), train.labels().end()).size());
  std::vector<LabelledAccuracy> table;
  for (const Index wanted : options.labels) {
    const Index count = std::min(wanted, train.size());
    const int draws = count < train.size() ? options.draws : 1;
    LabelledAccuracy mean{.labels = count};
    for (int draw = 0; draw < draws; ++draw) {
      const Seed seed{options.seed.value + static_cast<std::uint64_t>(draw)};
      const Dataset labelled = train.select(few_labels(train.labels(), count, seed));
      const Index neighbors = std::clamp<Index>(count / classes, 1, options.n_neighbors);
      const LinearProbe probe(labelled, labelled.labels());
      const KNeighborsClassifier nearest(labelled, labelled.labels(), neighbors);
      mean.linear_probe += accuracy(probe.predict(test), test.labels()) / draws;
      mean.nearest_neighbors += accuracy(nearest.predict(test, options.threads), test.labels()) / draws;
    }
    table.push_back(mean);
  }
  return table;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
