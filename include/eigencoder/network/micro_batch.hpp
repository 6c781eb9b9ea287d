#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/kernels/lanes.hpp>
#include <eigencoder/network/check_values.hpp>
#include <eigencoder/network/network.hpp>
#include <eigencoder/noise/augmentation.hpp>
#include <eigencoder/noise/corruption.hpp>
#include <eigencoder/threads/workers.hpp>
#include <numeric>

/// How samples come into lanes and through a network: training, prediction and scores all do it here.
namespace eigencoder::inline EIGENCODER_TARGET::network {

/// How many micro-batches so many samples make.
template <class Pack>
constexpr Index micro_batches(Index samples) {
  return samples / Pack::lanes + (samples % Pack::lanes > 0);
}

/// The indices of the consecutive samples of one micro-batch: from `first` on as many as there are lanes, but none from
/// `end` on.
template <class Pack>
class MicroBatch {
 public:
  MicroBatch(Index first, Index end) : count_(std::min<Index>(Pack::lanes, end - first)) {
    std::iota(indices_.begin(), indices_.end(), first);
  }
  [[nodiscard]] std::span<const Index> samples() const {
    return std::span(indices_).first(static_cast<std::size_t>(count_));
  }
  [[nodiscard]] Index first() const { return indices_[0]; }
  [[nodiscard]] Index size() const { return count_; }

 private:
  std::array<Index, static_cast<std::size_t>(Pack::lanes)> indices_{};
  Index count_;
};

/// f(read) with what reads these samples of a dataset; those that a function makes are made now.
template <class Function>
void with_reader(const Dataset& data, std::span<const Index> samples, const Function& f) {
  data.visit([&]<class Stored>(const SampleReader<Stored>& read) {
    if constexpr (std::is_same_v<Stored, Generated>) {
      f(read.rows(samples));
    } else {
      f(read);
    }
  });
}

/// Fills the lanes of a map with samples of a dataset.
template <class Pack, Layout L>
void load(const Dataset& data, std::span<const Index> samples, FeatureMap<Pack, L> to) {
  with_reader(data, samples, [&](const auto& read) { kernels::load_lanes(read, samples, to); });
}

/// The same after an augmentation that follows from (seed, epoch, sample), and with noise on what that gives.
template <class Pack, Layout L>
void load(const Dataset& data, std::span<const Index> samples, const Augmentation& augmentation, Seed seed,
          std::uint64_t epoch, const Corruption& noise, const Philox& stream, FeatureMap<Pack, L> to) {
  GatheredRows<typename Pack::Scalar> rows{samples, data.features()};
  with_reader(data, samples, [&](const auto& read) {
    for (std::size_t k = 0; k < samples.size(); ++k) read(samples[k], 0, data.features(), rows.row(k).data());
  });
  for (std::size_t k = 0; k < samples.size(); ++k) {
    Random random(seed, Stream::augmentation, epoch, static_cast<std::uint64_t>(samples[k]));
    augmentation.apply(rows.row(k), data.shape(), random);
    if (noise) noise.apply(rows.row(k), 0, samples[k], stream);
  }
  kernels::load_lanes(rows, samples, to);
}

/// The same with noise on them, drawn from a stream.
template <class Pack, Layout L>
void load(const Dataset& data, std::span<const Index> samples, const Corruption& noise, const Philox& stream,
          FeatureMap<Pack, L> to) {
  with_reader(data, samples, [&](const auto& read) {
    const auto noisy = [&](Index sample, Index first, Index count, typename Pack::Scalar* values) {
      read(sample, first, count, values);
      noise.apply(std::span(values, static_cast<std::size_t>(count)), first, sample, stream);
    };
    kernels::load_lanes(noisy, samples, to);
  });
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
  const Index count = micro_batches<Pack>(data.size());
  Workers workers(Workers::count(threads, count));
  workers.run(workers.size(), [&](int id) {
    typename Network::ForwardWorkspace workspace;
    for (Index m = id; m < count; m += workers.size()) {
      const MicroBatch<Pack> batch(m * Pack::lanes, data.size());
      load(data, batch.samples(), workspace.template activation<First>());
      typename Network::Pass pass{parameters, panels.data(), context};
      pass.context.samples = batch.samples();
      pass.context.labels = data.labels();
      Network::template forward<First, Last>(pass, workspace);
      f(batch, workspace, pass);
    }
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
