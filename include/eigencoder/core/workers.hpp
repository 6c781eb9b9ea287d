#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#include <eigencoder/core/target.hpp>
#endif

namespace eigencoder::inline EIGENCODER_TARGET {

/// A fixed team of threads that run the same function and meet at barriers; the calling thread is one of them.
///
/// A training step takes tens of microseconds, less than waking a thread, so waiting threads first spin; but only
/// briefly, then they sleep: a team that spins on while another process has its core holds everybody up (a busy-waiting
/// runtime's step went from 0.5 to 104 ms). Sources of the figures: docs/design.md.
class Workers {
 public:
  /// 0: as many as the machine has.
  explicit Workers(int threads) : size_(threads > 0 ? threads : available()) {
    team_.reserve(static_cast<std::size_t>(size_ - 1));
    for (int id = 1; id < size_; ++id) team_.emplace_back([this, id] { work(id); });
  }

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  ~Workers() {
    task_ = nullptr;
    barrier();
  }

  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] static int available() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

  /// task(id) on every thread, id = 0 ... size() - 1; returns when all are done. The first exception is thrown again
  /// here; a task that throws must not be one that calls `barrier`.
  template <class Task>
  void run(const Task& task) {
    if (size_ == 1) return task(0);
    task_ = &task;
    call_ = [](const void* t, int id) { (*static_cast<const Task*>(t))(id); };
    error_ = nullptr;
    failed_ = false;
    barrier();
    attempt(0);
    barrier();
    if (error_) std::rethrow_exception(error_);
  }

  /// Within a task: waits until every thread is here.
  void barrier() {
    if (size_ == 1) return;
    const std::uint32_t generation = generation_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<std::uint32_t>(size_)) {
      arrived_.store(0, std::memory_order_relaxed);
      generation_.store(generation + 1, std::memory_order_release);
      generation_.notify_all();
      return;
    }
    for (int spin = 0; spin < spins; ++spin) {
      if (generation_.load(std::memory_order_acquire) != generation) return;
      pause();
    }
    while (generation_.load(std::memory_order_acquire) == generation)
      generation_.wait(generation, std::memory_order_acquire);
  }

 private:
  /// About 50 microseconds.
  static constexpr int spins = 2000;

  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#endif
  }

  void work(int id) {
    for (;;) {
      barrier();
      if (task_ == nullptr) return;
      attempt(id);
      barrier();
    }
  }

  void attempt(int id) {
    try {
      call_(task_, id);
    } catch (...) {
      if (!failed_.exchange(true)) error_ = std::current_exception();
    }
  }

  int size_;
  // The task as a pointer and a function that calls it: a std::function would allocate, every step.
  const void* task_ = nullptr;
  void (*call_)(const void*, int) = nullptr;
  std::exception_ptr error_;
  std::atomic<bool> failed_ = false;
  std::atomic<std::uint32_t> arrived_ = 0;
  std::atomic<std::uint32_t> generation_ = 0;
  std::vector<std::jthread> team_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
