#pragma once

#include <array>
#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/feature_map.hpp>
#include <eigencoder/penalties/penalized.hpp>
#include <tuple>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::penalties {

/// Applies a loss's penalties on the code to the walk of its micro-batches: what the threads know of the batch's mean
/// code, and the penalties' values and gradient. Nothing where the loss has none.
///
/// A batch goes: every thread `begin`s and gives each of its micro-batches to `add_codes` once; then, with a barrier
/// before it, `finish_mean`. `add_gradient` needs the mean if any penalty is `over_batch`.
template <class Network, int Code, class Loss>
class CodePenalties {
  using Scalar = typename Network::Scalar;
  using Pack = typename Network::Pack;
  using Array = typename Network::Array;
  using Penalties = decltype(penalties_of(std::declval<const Loss&>()));
  static constexpr std::size_t count = std::tuple_size_v<Penalties>;
  static constexpr Index units = Network::template activation_layout<Code>.shape.size();

 public:
  /// Whether there are penalties, and any on the batch's mean code.
  static constexpr bool active = count > 0;
  static constexpr bool over_batch = []<class... P>(std::type_identity<std::tuple<P...>>) {
    return (false || ... || P::over_batch);
  }(std::type_identity<Penalties>{});

  /// Throws the std::invalid_argument of a penalty whose numbers are out of their range.
  CodePenalties(const Loss& loss, int threads) : penalties_(penalties_of(loss)) {
    for_each_penalty([]<class P>(auto, const P& penalty) {
      if constexpr (requires { penalty.check(); }) penalty.check();
    });
    if constexpr (active)
      for (int t = 0; t < threads; ++t) threads_.push_back({Array::Zero(units), Array::Zero(units), {}});
  }

  void begin(int id) {
    if constexpr (active) {
      own(id).sum.setZero();
      own(id).values.fill(0);
    }
  }

  /// Adds a micro-batch to this thread's share of the mean code, and to the values of the penalties on each sample.
  void add_codes(int id, typename Network::Workspace& w, Pack weight) {
    const auto h = w.template activation<Code>();
    for (Index k = 0; k < units; ++k) own(id).sum[k] += sum(h[k] * weight);
    for_each_penalty([&]<class P>(auto place, const P& penalty) {
      if constexpr (!P::over_batch) {
        Pack value(0);
        for (Index k = 0; k < units; ++k) value += penalty.value(h[k]);
        own(id).values[place] += penalty.weight * static_cast<double>(sum(value * weight));
      }
    });
  }

  /// Once all threads have added theirs: the mean code of the batch, the same for all to the last bit.
  void finish_mean(int id) {
    own(id).mean = threads_[0].sum;
    for (std::size_t other = 1; other < threads_.size(); ++other) own(id).mean += threads_[other].sum;
  }

  /// Adds the penalties' gradient to that of the code, through the activation that made it.
  void add_gradient(int id, typename Network::Workspace& w, Pack weight) {
    constexpr auto f = Network::template Stage<Code - 1>::activation;
    const auto h = w.template activation<Code>();
    const auto dz = w.template gradient<Code>();
    for (Index k = 0; k < units; ++k) {
      Pack slope(0);
      for_each_penalty([&]<class P>(auto, const P& penalty) {
        const Pack at = P::over_batch ? Pack(own(id).mean[k]) : h[k];
        slope += Pack(static_cast<Scalar>(penalty.weight)) * penalty.gradient(at);
      });
      dz[k] += f.gradient(slope * weight, h[k]);
    }
  }

  /// The sum of the penalties of the batch; all threads must have finished, and finish_mean(0) have run.
  [[nodiscard]] double value() const {
    double total = 0;
    for_each_value([&](std::string_view, double value) { total += value; });
    return total;
  }

  /// Calls f(name, value) for each penalty, after the same.
  template <class Function>
  void for_each_value(Function&& f) const {
    for_each_penalty([&]<class P>(auto place, const P& penalty) {
      double value = 0;
      if constexpr (P::over_batch) {
        for (Index k = 0; k < units; ++k)
          value += penalty.weight * static_cast<double>(sum(penalty.value(Pack(threads_[0].mean[k])))) / Pack::lanes;
      } else {
        for (const Thread& thread : threads_) value += thread.values[place];
      }
      f(std::string_view(P::name), value);
    });
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
    std::array<double, count> values;
  };
  [[nodiscard]] Thread& own(int id) { return threads_[static_cast<std::size_t>(id)]; }

  /// f(std::integral_constant<std::size_t, k>, penalty k).
  template <class Function>
  void for_each_penalty(Function&& f) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (f(std::integral_constant<std::size_t, K>{}, std::get<K>(penalties_)), ...);
    }(std::make_index_sequence<count>{});
  }

  Penalties penalties_;
  std::vector<Thread> threads_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::penalties
