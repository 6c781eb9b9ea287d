#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <numeric>
#include <span>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// In which order an epoch visits the samples.
///
/// Without blocks all are shuffled, each epoch those of the epoch before. With blocks, consecutive samples of which
/// each is `block` many, first the blocks are shuffled, then the samples within each, in the new order of the blocks. A
/// last block that is smaller stays the last. It is the same for data in memory and in a file.
class Order {
 public:
  Order(Index size, Index block)
      : samples_(static_cast<std::size_t>(size)), block_(block > 0 && block < size ? block : 0) {
    std::iota(samples_.begin(), samples_.end(), Index{0});
  }

  void shuffle(Random random) {
    if (block_ == 0) return shuffle(random, samples_);
    const auto size = static_cast<Index>(samples_.size());
    std::vector<Index> blocks(static_cast<std::size_t>(size / block_));
    std::iota(blocks.begin(), blocks.end(), Index{0});
    shuffle(random, blocks);
    if (size % block_ > 0) blocks.push_back(size / block_);
    auto next = samples_.begin();
    for (const Index block : blocks) {
      const auto end = next + std::min(block_, size - block * block_);
      std::iota(next, end, block * block_);
      shuffle(random, std::span(next, end));
      next = end;
    }
  }

  [[nodiscard]] std::span<const Index> samples() const { return samples_; }
  /// Samples in a block; 0 if there are no blocks.
  [[nodiscard]] Index block() const { return block_; }

 private:
  [[gnu::noinline]] static void shuffle(Random& random, std::span<Index> indices) { random.shuffle(indices); }

  std::vector<Index> samples_;
  Index block_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
