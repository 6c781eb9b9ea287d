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
/// A batch goes: `begin`; every shard gives each of its micro-batches to `add_codes` once; then, with a barrier before
/// it, `finish_mean` by every thread. `add_gradient` needs the mean if any penalty is `over_batch`. Sums are over the
/// shards in their order.
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
  CodePenalties(const Loss& loss, int shards, int threads) : penalties_(penalties_of(loss)) {
    for_each_penalty([]<class P>(Index, const P& penalty) {
      if constexpr (requires { penalty.check(); }) penalty.check();
    });
    if constexpr (active) {
      sums_.setZero(units, shards);
      values_.setZero(static_cast<Index>(count), shards);
      means_.resize(static_cast<std::size_t>(threads), Array::Zero(units));
    }
  }

  void begin() {
    sums_.setZero();
    values_.setZero();
  }

  /// Adds a micro-batch to its shard's part of the mean code, and of the values of the penalties on each sample.
  void add_codes(int shard, typename Network::Workspace& w, Pack weight) {
    const auto h = w.template activation<Code>();
    for (Index k = 0; k < units; ++k) sums_(k, shard) += sum(h[k] * weight);
    for_each_penalty([&]<class P>([[maybe_unused]] Index place, const P& penalty) {
      if constexpr (!P::over_batch) {
        Pack value(0);
        for (Index k = 0; k < units; ++k) value += penalty.value(h[k]);
        values_(place, shard) += penalty.weight * static_cast<double>(sum(value * weight));
      }
    });
  }

  /// f(values) for what the shards have: the same number of values of each, in their order.
  template <class Function>
  void for_each_values(const Function& f) {
    f(std::span(sums_.data(), static_cast<std::size_t>(sums_.size())));
    f(std::span(values_.data(), static_cast<std::size_t>(values_.size())));
  }

  /// Once all shards have added theirs: the mean code of the batch, for this thread.
  void finish_mean(int thread) {
    Array& mean = means_[static_cast<std::size_t>(thread)];
    mean = sums_.col(0);
    for (Index other = 1; other < sums_.cols(); ++other) mean += sums_.col(other);
  }

  /// Adds the penalties' gradient to that of the code, through the activation that made it.
  void add_gradient(int thread, typename Network::Workspace& w, Pack weight) {
    constexpr auto f = Network::template Stage<Code - 1>::activation;
    const auto h = w.template activation<Code>();
    const auto dz = w.template gradient<Code>();
    [[maybe_unused]] const Array& mean = means_[static_cast<std::size_t>(thread)];
    for (Index k = 0; k < units; ++k) {
      Pack slope(0);
      for_each_penalty([&]<class P>(Index, const P& penalty) {
        const Pack at = P::over_batch ? Pack(mean[k]) : h[k];
        slope += Pack(static_cast<Scalar>(penalty.weight)) * penalty.gradient(at);
      });
      dz[k] += f.gradient(slope * weight, h[k]);
    }
  }

  /// The sum of the penalties of the batch; all shards must have finished, and finish_mean(0) have run.
  [[nodiscard]] double value() const {
    double total = 0;
    for_each_value([&](std::string_view, double value) { total += value; });
    return total;
  }

  /// Calls f(name, value) for each penalty, after the same.
  template <class Function>
  void for_each_value(Function&& f) const {
    for_each_penalty([&]<class P>([[maybe_unused]] Index place, const P& penalty) {
      double value = 0;
      if constexpr (P::over_batch) {
        for (Index k = 0; k < units; ++k)
          value += penalty.weight * static_cast<double>(sum(penalty.value(Pack(means_[0][k])))) / Pack::lanes;
      } else {
        for (Index shard = 0; shard < values_.cols(); ++shard) value += values_(place, shard);
      }
      f(std::string_view(P::name), value);
    });
  }

  [[nodiscard]] double mean_activation() const { return static_cast<double>(means_[0].mean()); }
  /// The share of the units whose mean activation over the batch is above 0.01.
  [[nodiscard]] double active_units() const {
    return static_cast<double>((means_[0] > Scalar(0.01)).count()) / static_cast<double>(units);
  }

 private:
  /// f(k, penalty k).
  template <class Function>
  void for_each_penalty(Function&& f) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (f(static_cast<Index>(K), std::get<K>(penalties_)), ...);
    }(std::make_index_sequence<count>{});
  }

  Penalties penalties_;
  /// Of each shard, a column: its part of each unit's mean, and of each penalty's value.
  Eigen::Array<Scalar, Eigen::Dynamic, Eigen::Dynamic> sums_;
  Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic> values_;
  /// One a thread.
  std::vector<Array> means_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::penalties
