#pragma once

#include <algorithm>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <map>
#include <numeric>
#include <span>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The numbers of `count` samples, drawn at random, as many of each label as can be (one more or less): as if only
/// these had been labelled. `data.select(few_labels(data.labels(), 100, Seed{1}))`. All of them if there are not more.
[[nodiscard]] inline std::vector<Index> few_labels(std::span<const int> labels, Index count, Seed seed) {
  std::vector<Index> order(labels.size());
  std::iota(order.begin(), order.end(), Index{0});
  Random(seed, Stream::shuffle).shuffle(order);
  // In rounds, the next sample of each label in each.
  std::map<int, Index> seen;
  std::vector<Index> rounds(labels.size());
  for (const Index i : order) {
    const auto k = static_cast<std::size_t>(i);
    rounds[k] = seen[labels[k]]++;
  }
  std::ranges::stable_sort(order, {}, [&](Index i) { return rounds[static_cast<std::size_t>(i)]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(std::max<Index>(0, count))));
  return order;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
