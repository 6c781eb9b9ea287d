#pragma once

#include <bit>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::distributed {

/// Consecutive values, or shards.
struct Part {
  Index first = 0;
  Index count = 0;
};

/// Where a rank stands in the binary tree that sums go up.
///
/// The tree has 2^k leaves, as many as there are ranks or, where those are no power of two, the next less; at first
/// neighbours are added, then pairs of neighbours, and so on. With n ranks too many, the first 2 n ranks share leaves
/// in pairs, an odd one as the guest of the even one before it: what it has is added first, so that this is a tree,
/// too.
///
///     5 ranks, 4 leaves:   ((0 + 1) + 2) + (3 + 4)
///
/// A number of shards that is a power of two, dealt out by `shards`, is so added in the same tree for any number of
/// ranks up to it: each rank adds up a complete subtree.
class RankTree {
 public:
  constexpr RankTree(int rank, int size)
      : rank_(rank), leaves_(static_cast<int>(std::bit_floor(static_cast<unsigned>(size)))), guests_(size - leaves_) {}

  [[nodiscard]] constexpr int leaves() const { return leaves_; }
  [[nodiscard]] constexpr int leaf() const { return rank_ < 2 * guests_ ? rank_ / 2 : rank_ - guests_; }
  /// The rank that stands at a leaf.
  [[nodiscard]] constexpr int rank_at(int leaf) const { return leaf < guests_ ? 2 * leaf : leaf + guests_; }
  [[nodiscard]] constexpr bool is_guest() const { return rank_ < 2 * guests_ && rank_ % 2 == 1; }
  [[nodiscard]] constexpr bool has_guest() const { return rank_ < 2 * guests_ && rank_ % 2 == 0; }
  /// Of a guest its host, of a host its guest.
  [[nodiscard]] constexpr int companion() const { return rank_ ^ 1; }

  /// Those of so many shards that are this rank's. `total` must be a power of two, and at least that many ranks.
  [[nodiscard]] constexpr Part shards(Index total) const {
    const Index width = total / leaves_;
    const Part all{leaf() * width, width};
    if (is_guest()) return {all.first + width / 2, width / 2};
    if (has_guest()) return {all.first, width / 2};
    return all;
  }

 private:
  int rank_;
  int leaves_;
  int guests_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::distributed
