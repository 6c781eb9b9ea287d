#pragma once

#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/random/philox.hpp>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Data cut in two.
struct Fold {
  Dataset training;
  Dataset validation;
};

/// Cuts the data in two in k ways, for cross-validation: in a random order that follows from the seed, the samples are
/// dealt into k parts whose sizes differ by at most one; each part is the validation of one fold and is trained on in
/// all others. The samples are copied, labels with them. scikit-learn: KFold(shuffle=True).
/// Throws std::invalid_argument unless k is 2 to the number of samples.
[[nodiscard]] inline std::vector<Fold> k_fold(const Dataset& data, Index k, Seed seed = {}) {
  if (k < 2 || k > data.size())
    throw std::invalid_argument("k_fold: k is " + std::to_string(k) + "; expected 2 to " + std::to_string(data.size()) +
                                ", the number of samples");
  std::vector<Index> order(static_cast<std::size_t>(data.size()));
  std::iota(order.begin(), order.end(), Index{0});
  Random(seed, Stream::shuffle).shuffle(order);
  std::vector<Fold> folds;
  for (Index fold = 0; fold < k; ++fold) {
    const auto first = order.begin() + data.size() * fold / k;
    const auto last = order.begin() + data.size() * (fold + 1) / k;
    std::vector<Index> rest(order.begin(), first);
    rest.insert(rest.end(), last, order.end());
    folds.push_back({data.select(rest), data.select(std::vector<Index>(first, last))});
  }
  return folds;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
