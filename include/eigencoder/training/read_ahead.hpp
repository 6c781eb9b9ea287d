#pragma once

#include <condition_variable>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/order.hpp>
#include <eigencoder/training/samples.hpp>
#include <mutex>
#include <thread>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// A thread that reads the blocks of mapped samples into memory before an epoch gets to them, and lets go of those that
/// it is done with. What is not there in time is read where it is used, so that nothing but the time depends on it.
///
/// There is no thread if the samples are in memory, or if there are no blocks.
class ReadAhead {
 public:
  ReadAhead(const Samples& samples, const Order& order) : samples_(samples), order_(order) {
    if (order.block() > 0 && (samples.input.is_mapped() || samples.target.is_mapped()))
      thread_ = std::thread([this] { work(); });
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() {
    if (!thread_.joinable()) return;
    tell([this] { ended_ = true; });
    thread_.join();
  }

  /// A new epoch, whose order is fixed now.
  void begin() {
    if (!thread_.joinable()) return;
    tell([this] {
      const auto samples = order_.samples();
      blocks_.clear();
      for (std::size_t k = 0; k < samples.size(); k += static_cast<std::size_t>(order_.block()))
        blocks_.push_back(samples[k] / order_.block() * order_.block());
      loaded_ = released_ = reached_ = 0;
    });
  }

  /// The epoch has done so many samples.
  void reached(std::size_t done) {
    if (!thread_.joinable()) return;
    const std::size_t block = done / static_cast<std::size_t>(order_.block());
    if (block != reached_) tell([&] { reached_ = block; });
  }

 private:
  /// How many blocks are read before the one that is being used is done.
  static constexpr std::size_t ahead = 2;

  template <class Function>
  void tell(const Function& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_one();
  }

  [[nodiscard]] bool may_load() const { return loaded_ < std::min(reached_ + 1 + ahead, blocks_.size()); }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || may_load() || released_ < reached_; });
      if (ended_) return;
      const bool load = may_load();
      const Index first = blocks_[load ? loaded_++ : released_++];
      lock.unlock();
      for (const Dataset* data : {&samples_.input, &samples_.target}) {
        const Index count = std::min(order_.block(), data->size() - first);
        if (load) {
          data->load(first, count);
        } else {
          data->release(first, count);
        }
      }
      lock.lock();
    }
  }

  const Samples& samples_;
  const Order& order_;
  std::mutex mutex_;
  std::condition_variable changed_;
  /// The first samples of the epoch's blocks, in its order; and how many of these were loaded, done with and released.
  std::vector<Index> blocks_;
  std::size_t loaded_ = 0, reached_ = 0, released_ = 0;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
