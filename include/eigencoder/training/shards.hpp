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
/// - 1 of M. Where M < S, some are empty.
class Deal {
 public:
  Deal(int shards, Index micro_batches) : shards_(shards), micro_batches_(micro_batches) {}

  [[nodiscard]] int shards() const { return shards_; }
  [[nodiscard]] Index micro_batches() const { return micro_batches_; }
  /// The first micro-batch of a shard, or what follows on the last one's.
  [[nodiscard]] Index begin(int shard) const { return micro_batches_ * shard / shards_; }
  [[nodiscard]] bool is_empty(int shard) const { return begin(shard) == begin(shard + 1); }
  /// The first shard from this one on that is not empty; the number of shards if there is none.
  [[nodiscard]] int first_from(int shard) const {
    while (shard < shards_ && is_empty(shard)) ++shard;
    return shard;
  }

 private:
  int shards_;
  Index micro_batches_;
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
