#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/kernels/lanes.hpp>
#include <eigencoder/network/network.hpp>
#include <eigencoder/threads/workers.hpp>
#include <numeric>

namespace eigencoder::inline EIGENCODER_TARGET::models {

/// Calls f(samples) with the numbers of the samples first ... first + count - 1 < size of one micro-batch.
template <class Pack>
class MicroBatch {
 public:
  MicroBatch(Index first, Index size) : count_(std::min<Index>(Pack::lanes, size - first)) {
    std::iota(numbers_.begin(), numbers_.end(), first);
  }
  [[nodiscard]] std::span<const Index> samples() const {
    return std::span(numbers_).first(static_cast<std::size_t>(count_));
  }
  [[nodiscard]] Index first() const { return numbers_[0]; }
  [[nodiscard]] Index size() const { return count_; }

 private:
  std::array<Index, static_cast<std::size_t>(Pack::lanes)> numbers_{};
  Index count_;
};

/// Throws std::invalid_argument if the samples have another size than the model takes.
inline void require_features(const Dataset& data, Shape expected, const char* where) {
  if (!data.empty() && data.features() != expected.size())
    throw std::invalid_argument(std::string(where) + ": the samples have " + std::to_string(data.features()) +
                                " values, shape " + to_string(data.shape()) + "; expected shape " +
                                to_string(expected) +
                                (data.features() == 1 ? ". A sample is a row: transpose a single column" : ""));
}

/// Throws std::invalid_argument unless those of the samples that have these numbers are labelled 0 ... classes - 1; a
/// model that takes no labels has 0 classes.
inline void require_labels(int classes, std::span<const int> labels, std::span<const Index> numbers) {
  if (classes == 0) return;
  if (labels.empty())
    throw std::invalid_argument("the model takes labels, but the samples have none; expected Dataset::with_labels");
  for (const Index number : numbers)
    if (const int label = labels[static_cast<std::size_t>(number)]; label < 0 || label >= classes)
      throw std::invalid_argument("sample " + std::to_string(number) + " has the label " + std::to_string(label) +
                                  "; expected 0 to " + std::to_string(classes - 1));
}
/// The same for all samples.
inline void require_labels(int classes, const Dataset& data) {
  for (Index number = 0; classes > 0 && number < data.size(); ++number)
    require_labels(classes, data.labels(), std::span(&number, 1));
}

/// f(micro-batch, workspace, pass) for every micro-batch of the data, `threads` at a time (0: all cores), after stages
/// First ... Last - 1 have run on it; `context` is what they are to know besides the samples.
template <class Network, int First, int Last, class Function>
void for_each_micro_batch(std::span<const typename Network::Scalar> parameters, const Dataset& data, Index threads,
                          const Function& f, const Context& context = {}) {
  using Pack = typename Network::Pack;
  require_labels(Network::template classes<First, Last>(), data);
  Buffer<typename Network::Scalar> panels(static_cast<std::size_t>(Network::panel_size));
  Network::pack(parameters, panels.data());
  const Index micro_batches = (data.size() + Pack::lanes - 1) / Pack::lanes;
  Workers workers(Workers::useful(threads, micro_batches));
  workers.run(workers.size(), [&](int id) {
    typename Network::Workspace workspace;
    for (Index m = id; m < micro_batches; m += workers.size()) {
      const MicroBatch<Pack> batch(m * Pack::lanes, data.size());
      data.visit([&](const auto& read) {
        kernels::load_lanes(read, batch.samples(), workspace.template activation<First>());
      });
      typename Network::Pass pass{parameters, panels.data(), context};
      pass.context.samples = batch.samples();
      pass.context.labels = data.labels();
      Network::template forward<First, Last>(pass, workspace);
      f(batch, workspace, pass);
    }
  });
}

/// Stages First ... Last - 1 on every sample: one row of the result a sample.
template <class Network, int First, int Last>
Matrix<typename Network::Scalar> predict(std::span<const typename Network::Scalar> parameters, const Dataset& data,
                                         Index threads) {
  constexpr Shape shape = Network::template activation_layout<Last>.shape;
  Matrix<typename Network::Scalar> rows(data.size(), shape.size());
  for_each_micro_batch<Network, First, Last>(parameters, data, threads, [&](const auto& batch, auto& workspace, auto&) {
    using Map = FeatureMap<const typename Network::Pack, Network::template activation_layout<Last>>;
    kernels::store_lanes(Map(workspace.template activation<Last>()), batch.size(), rows.row(batch.first()).data(),
                         shape.size());
  });
  return rows;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::models
