#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/penalized.hpp>
#include <eigencoder/models/network.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// Applies a loss's penalty on the code to the walk of its micro-batches; this one, for losses without, does nothing.
template <class Network, int Code, class Loss>
struct CodePenaltyWalk {
  static constexpr bool active = false;
  static constexpr bool over_batch = false;

  explicit CodePenaltyWalk(const Loss&, int) {}
};

/// With a penalty: what the threads know of the batch's mean code, and the penalty's value and gradient from it.
template <class Network, int Code, class Loss>
  requires requires { typename Loss::Penalty; }
class CodePenaltyWalk<Network, Code, Loss> {
  using Scalar = typename Network::Scalar;
  using Pack = typename Network::Pack;
  using Array = typename Network::Array;
  using Penalty = typename Loss::Penalty;
  static constexpr Layout layout = Network::template activation_layout<Code>;
  static constexpr Index units = layout.shape.size();

 public:
  static constexpr bool active = true;
  static constexpr bool over_batch = Penalty::over_batch;

  CodePenaltyWalk(const Loss& loss, int threads) : penalty_(loss.penalty) {
    if constexpr (requires { penalty_.check(); }) penalty_.check();
    for (int t = 0; t < threads; ++t) threads_.push_back({Array::Zero(units), Array::Zero(units), 0});
  }

  void begin(int id) {
    own(id).sum.setZero();
    own(id).value = 0;
  }

  /// Adds a micro-batch to this thread's share of the mean code.
  void add_codes(int id, typename Network::Workspace& w, Pack weight) {
    const auto h = w.template activation<Code>();
    for (Index k = 0; k < units; ++k) own(id).sum[k] += sum(h[k] * weight);
  }

  /// Once all threads have added theirs: the mean code of the batch, the same for all to the last bit.
  void finish_mean(int id) {
    own(id).mean = threads_[0].sum;
    for (std::size_t other = 1; other < threads_.size(); ++other) own(id).mean += threads_[other].sum;
  }

  /// Adds the penalty's gradient to that of the code, through the activation that made it, and its value to the
  /// thread's.
  void add_gradient(int id, typename Network::Workspace& w, Pack weight) {
    constexpr auto f = Network::template Stage<Code - 1>::activation;
    const auto h = w.template activation<Code>();
    const auto dz = w.template gradient<Code>();
    const Pack scale = weight * Pack(static_cast<Scalar>(penalty_.weight));
    Pack value(0);
    for (Index k = 0; k < units; ++k) {
      if constexpr (over_batch) {
        dz[k] += f.gradient(penalty_.gradient(Pack(own(id).mean[k])) * scale, h[k]);
      } else {
        dz[k] += f.gradient(penalty_.gradient(h[k]) * scale, h[k]);
        value += penalty_.value(h[k]);
      }
    }
    own(id).value += static_cast<double>(sum(value * scale));
  }

  /// The penalty of the whole batch; all threads must have finished, and finish_mean(0) have run.
  [[nodiscard]] double value() const {
    double total = 0;
    if constexpr (over_batch) {
      for (Index k = 0; k < units; ++k)
        total += penalty_.weight * static_cast<double>(sum(penalty_.value(Pack(threads_[0].mean[k])))) / Pack::lanes;
    } else {
      for (const Thread& thread : threads_) total += thread.value;
    }
    return total;
  }

  [[nodiscard]] double mean_activation() const { return static_cast<double>(threads_[0].mean.mean()); }
  /// The share of the units whose mean activation over the batch is above 0.01.
  [[nodiscard]] double active_units() const {
    return static_cast<double>((threads_[0].mean > Scalar(0.01)).count()) / static_cast<double>(units);
  }

 private:
  struct Thread {
    Array sum;
    Array mean;
    double value;
  };
  [[nodiscard]] Thread& own(int id) { return threads_[static_cast<std::size_t>(id)]; }

  Penalty penalty_;
  std::vector<Thread> threads_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
