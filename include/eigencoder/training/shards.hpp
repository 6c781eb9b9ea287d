#pragma once

#include <algorithm>
#include <bit>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/running_sum.hpp>
#include <span>
#include <vector>

/// The order in which a batch's gradient is summed. It follows from the model and the batch alone, so that the bits of
/// a training depend neither on the number of threads nor on that of processes.
namespace eigencoder::inline EIGENCODER_TARGET::training {

/// The shards of a model's batches, a power of two: as many as have room for their gradients in four megabytes of
/// floats, at least 8, so that there is work for so many threads, and at most 64.
constexpr int shards(Index parameters) {
  int count = 64;
  while (count > 8 && count * parameters > (Index{1} << 20)) count /= 2;
  return count;
}

/// A batch's micro-batches, dealt out to shards: shard s has the micro-batches floor(M s / S) ... floor(M (s + 1) / S)
/// - 1 of M. Where M < S, some are empty. Of the shards that are this process's the threads take those that are not, in
/// runs.
class Deal {
 public:
  explicit Deal(int shards) : shards_(shards) { taken_.reserve(static_cast<std::size_t>(shards)); }

  /// The shards first ... first + count - 1 are this process's, which has so many threads.
  void deal(Index micro_batches, Index first, Index count, int threads) {
    micro_batches_ = micro_batches;
    taken_.clear();
    for (int shard = first_from(static_cast<int>(first)); shard < first + count; shard = first_from(shard + 1))
      taken_.push_back(shard);
    threads_ = std::clamp(static_cast<int>(taken_.size()), 1, threads);
  }

  [[nodiscard]] int shards() const { return shards_; }
  /// The first micro-batch of a shard, or what follows on the last one's.
  [[nodiscard]] Index begin(int shard) const { return micro_batches_ * shard / shards_; }
  /// This process's shards that are not empty, and how many threads take them.
  [[nodiscard]] std::span<const int> taken() const { return taken_; }
  [[nodiscard]] int threads() const { return threads_; }
  /// The shards that are a thread's.
  [[nodiscard]] std::span<const int> of(int thread) const {
    const auto bound = [&](int k) {
      return taken_.size() * static_cast<std::size_t>(k) / static_cast<std::size_t>(threads_);
    };
    return taken().subspan(bound(thread), bound(thread + 1) - bound(thread));
  }
  /// The next shard after one that is taken; past the last one, that of nobody.
  [[nodiscard]] int next(int shard) const { return shard == taken_.back() ? shards_ : first_from(shard + 1); }

 private:
  /// The first shard from this one on that is not empty; the number of shards if there is none.
  [[nodiscard]] int first_from(int shard) const {
    while (shard < shards_ && begin(shard) == begin(shard + 1)) ++shard;
    return shard;
  }

  int shards_;
  Index micro_batches_ = 0;
  std::vector<int> taken_;
  int threads_ = 1;
};

/// Sums of consecutive shards that wait for their neighbours: the walk, from left to right, of the tree whose node over
/// shards [2 k n, 2 (k + 1) n) is the sum of those over its halves, n a power of two. A node without shards is none.
class SumStack {
 public:
  /// The sum of shards first ... last.
  struct Node {
    int first;
    int last;
  };

  /// Begins a walk, to the right of a shard that another walk ends with; or of none.
  void begin(int before = none) {
    nodes_.clear();
    before_ = before;
  }
  void reserve(std::size_t nodes) { nodes_.reserve(nodes); }
  [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }
  [[nodiscard]] int depth() const { return static_cast<int>(nodes_.size()); }

  /// Puts a sum on top. Then `next` is the next shard that is not empty: returns how many nodes below are complete
  /// with it and have to be added to it, the upper one first.
  int push(Node node, int next) {
    nodes_.push_back(node);
    int merged = 0;
    while (depth() >= 2) {
      const Node below = nodes_[nodes_.size() - 2];
      const int left = depth() > 2 ? nodes_[nodes_.size() - 3].last : before_;
      const int here = height(below.last, nodes_.back().first);
      if (here > height(left, below.first) || here > height(node.last, next)) break;
      nodes_.pop_back();
      nodes_.back().last = node.last;
      ++merged;
    }
    return merged;
  }

 private:
  static constexpr int none = -1;
  /// The height at which the ways up from two shards meet; beyond all if one is none.
  static int height(int a, int b) { return static_cast<int>(std::bit_width(static_cast<unsigned>(a ^ b))); }

  std::vector<Node> nodes_;
  int before_ = none;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
