#pragma once

#include <algorithm>
#include <cstddef>
#include <eigencoder/core/eigen.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/buffer.hpp>
#include <eigencoder/simd/running_sum.hpp>
#include <eigencoder/training/shards.hpp>
#include <span>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// The gradient of a batch, summed over the tree of its shards (training/shards.hpp), by threads that walk a run of
/// them each: what waits for its neighbours, and how what is left of each thread's walk is added up in the end.
///
/// A sum has `Network::sum_size` scalars: the gradient of the parameters, and what kernels keep in their own order.
template <class Network>
class GradientSums {
 public:
  using Scalar = typename Network::Scalar;

  GradientSums(int threads, int shards) : members_(static_cast<std::size_t>(threads)) {
    const auto most = static_cast<std::size_t>(shards);
    stack_.reserve(most);
    left_.reserve(most);
    additions_.reserve(most);
    for (Member& member : members_) member.stack.reserve(most);
  }

  /// Makes room for the sums of every thread's shards, and sets the order in which what is left of them is added up.
  void plan(const Deal& deal) {
    stack_.begin();
    left_.clear();
    additions_.clear();
    for (int thread = 0; thread < deal.threads(); ++thread) {
      Member& member = own(thread);
      begin(thread, deal);
      int most = 1;
      for (const int shard : deal.of(thread)) {
        most = std::max(most, member.stack.depth() + 1);
        member.stack.push({shard, shard}, deal.next(shard));
      }
      if (const auto size = static_cast<std::size_t>(most * Network::sum_size); member.sums.size() < size)
        member.sums = Buffer<Scalar>(size);
      Scalar* sum = member.sums.data();
      for (const auto node : member.stack.nodes()) {
        left_.push_back(std::exchange(sum, sum + Network::sum_size));
        for (int merged = stack_.push(node, deal.next(node.last)); merged > 0; --merged) {
          const Scalar* const other = left_.back();
          left_.pop_back();
          additions_.push_back({left_.back(), other});
        }
      }
    }
  }

  /// A thread's part of the batch: add(shard, sum, whole) must add the gradient of each of its shards to `sum`, and
  /// thereby to what `whole` says.
  template <class Function>
  void walk(int thread, const Deal& deal, const Function& add) {
    Member& member = own(thread);
    const auto sum_at = [&](int depth) { return member.sums.data() + depth * Network::sum_size; };
    begin(thread, deal);
    for (const int shard : deal.of(thread)) {
      Scalar* const sum = sum_at(member.stack.depth());
      const RunningSum whole{true, member.stack.push({shard, shard}, deal.next(shard)), Network::sum_size};
      Network::begin_sum(sum);
      add(shard, sum, whole);
      Network::end_sum(sum, whole);
    }
    // Nothing is -0: x + -0 is x, whatever x.
    if (member.stack.depth() == 0) std::ranges::fill(gradient(), -Scalar(0));
    for (int k = 0; k < member.stack.depth(); ++k) Network::finish_sum(sum_at(k));
  }

  /// When all threads have walked: adds up all that is left of `size` parameters from `first` on, into the gradient.
  void add_up(Index first, Index size) {
    using Array = typename Network::Array;
    for (const auto [sum, other] : additions_)
      Eigen::Map<Array>(sum + first, size) += Eigen::Map<const Array>(other + first, size);
  }

  /// The batch's, when it is added up.
  [[nodiscard]] std::span<Scalar> gradient() {
    return std::span<Scalar>(members_[0].sums).first(static_cast<std::size_t>(Network::parameter_count));
  }

 private:
  /// What belongs to a thread, on cache lines of its own.
  struct alignas(simd::alignment) Member {
    /// The sums of shards that wait for their neighbours'.
    Buffer<Scalar> sums;
    SumStack stack;
  };
  /// sum += other.
  struct Addition {
    Scalar* sum;
    const Scalar* other;
  };

  [[nodiscard]] Member& own(int thread) { return members_[static_cast<std::size_t>(thread)]; }

  void begin(int thread, const Deal& deal) {
    SumStack& stack = own(thread).stack;
    thread == 0 ? stack.begin() : stack.begin(deal.of(thread - 1).back());
  }

  std::vector<Member> members_;
  /// The walk of the tree over what is left of each thread's, where those lie, and what is to be added in the end.
  SumStack stack_;
  std::vector<Scalar*> left_;
  std::vector<Addition> additions_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
