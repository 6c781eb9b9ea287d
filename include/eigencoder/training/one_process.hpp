#pragma once

#include <eigencoder/core/target.hpp>
#include <span>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The processes among which a trainer's batches are shared out: here one, whose all shards are, and nothing is done.
/// It is also the protocol of those that are several, each with a trainer of the same model and the same batches.
///
/// The functions are called in the same order by all processes, by one of a trainer's threads while the others wait.
struct OneProcess {
  static constexpr bool alone = true;

  /// The shards that are this process's, first and last + 1. Where a process has 1/2, 1/4 ... of them, its sum is a
  /// node of the tree that `add_up` goes on with, and so the bits are those of one process: see training/shards.hpp.
  [[nodiscard]] static constexpr std::pair<int, int> own(int shards) { return {0, shards}; }
  /// Fills in the others' values. `values` are those of all shards, the same number of each, in their order.
  template <class Value>
  static void exchange(std::span<Value>) {}
  /// The sum of all processes' gradients, in the place of this one's.
  template <class Scalar>
  static void add_up(std::span<Scalar>) {}
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
