#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/register.hpp>
#include <eigencoder/threads/flush_denormals.hpp>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace eigencoder::inline EIGENCODER_TARGET {

/// A team of threads that work in phases, the calling thread among them. None starts a phase before all have finished
/// the one before, and none starts one after a phase that threw: its exception comes out where the work was called for.
/// All of them flush denormal numbers to zero while they work, see FlushDenormals.
///
/// A training step takes tens of microseconds, less than waking a thread, so waiting threads first spin; but only
/// briefly, then they sleep: a team that spins on while another process has its core holds everybody up (a busy-waiting
/// runtime's step went from 0.5 to 104 ms). Sources of the figures: docs/design.md.
class Workers {
 public:
  /// The most threads that may be asked for.
  static constexpr Index most = 4096;

  /// As many threads as the machine has cores.
  [[nodiscard]] static int available() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

  /// The threads among which to share `parts` of work out if `threads` are asked for, 0 for all cores: no more than
  /// there are parts, nor than the machine has cores, since those only get into each other's way. Throws
  /// std::invalid_argument for less than 0 or more than `most`.
  [[nodiscard]] static int count(Index threads, Index parts) {
    if (threads < 0 || threads > most)
      throw std::invalid_argument("threads is " + std::to_string(threads) + "; expected 0 (all cores) to " +
                                  std::to_string(most));
    if (parts <= 1 || threads == 1) return 1;
    const Index cores = available();
    return static_cast<int>(std::min({threads == 0 ? cores : threads, cores, parts}));
  }

  /// A team of `threads`, or of fewer where the system refuses to make so many.
  explicit Workers(int threads) : team_(static_cast<std::size_t>(threads)) {
    try {
      for (; size_ < threads; ++size_) own(size_).thread = std::thread([this, id = size_] { serve(id); });
    } catch (const std::system_error&) {  // those that there are do all the work
    } catch (...) {
      dismiss();
      throw;
    }
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { dismiss(); }

  [[nodiscard]] int size() const { return size_; }

  /// phase(id) on `threads` of the team, id = 0 ... threads - 1, then the next phase likewise; returns when all are at
  /// rest. If phases threw, throws the exception of the first such phase's thread with the least number.
  template <class... Phases>
  void run(int threads, const Phases&... phases) {
    const FlushDenormals flush;
    if (threads == 1) {
      (phases(0), ...);
      return;
    }
    const auto work = [&](int id) {
      int number = 0;
      const auto take = [&](const auto& phase) {
        if (number > 0) barrier(threads);
        // A fast thread may have thrown in this very phase by now; the others take part in it all the same, so that
        // which exception comes out is no matter of speed.
        if (failed_.load(std::memory_order_relaxed) >= number) {
          try {
            phase(id);
          } catch (...) {
            own(id).error = std::current_exception();
            failed_.store(number, std::memory_order_relaxed);
          }
        }
        ++number;
      };
      (take(phases), ...);
    };
    using Work = decltype(work);
    work_ = &work;
    call_ = [](const void* w, int id) { (*static_cast<const Work*>(w))(id); };
    failed_.store(none, std::memory_order_relaxed);
    arrived_.store(0, std::memory_order_relaxed);
    busy_.store(static_cast<std::uint32_t>(threads - 1), std::memory_order_relaxed);
    for (int id = 1; id < threads; ++id) order(id, Order::work);
    work(0);
    for (std::uint32_t busy = busy_.load(std::memory_order_acquire); busy != 0;
         busy = busy_.load(std::memory_order_acquire))
      wait_while(busy_, busy);
    if (failed_.load(std::memory_order_relaxed) != none) rethrow();
  }

 private:
  enum class Order : std::uint32_t { rest, work, leave };

  /// On cache lines of its own, since everybody looks at their own order while others are given theirs.
  struct alignas(simd::alignment) Member {
    std::atomic<Order> order = Order::rest;
    std::exception_ptr error;
    std::thread thread;
  };

  /// No phase has this number.
  static constexpr int none = 1 << 30;
  /// About 50 microseconds.
  static constexpr int spins = 2000;

  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#endif
  }

  template <class Value>
  static void wait_while(const std::atomic<Value>& value, Value old) {
    for (int spin = 0; spin < spins; ++spin) {
      if (value.load(std::memory_order_acquire) != old) return;
      pause();
    }
    value.wait(old, std::memory_order_acquire);
  }

  [[nodiscard]] Member& own(int id) { return team_[static_cast<std::size_t>(id)]; }

  // What wakes others is written in sequential consistency: otherwise it might become visible only after `notify` has
  // seen that nobody sleeps, while somebody, who has not seen it, falls asleep. It is exchanged, not stored, since qemu
  // lets a later load pass even a sequentially consistent store of AArch64; on x86 both are the same instruction.
  void order(int id, Order order) {
    own(id).order.exchange(order, std::memory_order_seq_cst);
    own(id).order.notify_one();
  }

  /// A member's life.
  void serve(int id) {
    const FlushDenormals flush;
    for (std::atomic<Order>& mine = own(id).order;;) {
      wait_while(mine, Order::rest);
      if (mine.load(std::memory_order_relaxed) == Order::leave) return;
      mine.store(Order::rest, std::memory_order_relaxed);
      call_(work_, id);
      // From here on the caller may be gone, and with it all that belongs to the work.
      if (busy_.fetch_sub(1, std::memory_order_seq_cst) == 1) busy_.notify_one();
    }
  }

  /// Between two phases: waits until all `threads` are here. None can be here again before all have left, since the
  /// next barrier and the work's end wait for all as well.
  void barrier(int threads) {
    const std::uint32_t generation = generation_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<std::uint32_t>(threads)) {
      arrived_.store(0, std::memory_order_relaxed);
      generation_.exchange(generation + 1, std::memory_order_seq_cst);
      generation_.notify_all();
    } else {
      wait_while(generation_, generation);
    }
  }

  [[noreturn]] void rethrow() {
    std::exception_ptr first;
    for (Member& member : team_) {
      const std::exception_ptr error = std::exchange(member.error, nullptr);
      if (!first) first = error;
    }
    std::rethrow_exception(first);
  }

  void dismiss() {
    for (int id = 1; id < size_; ++id) order(id, Order::leave);
    for (int id = 1; id < size_; ++id) own(id).thread.join();
  }

  std::deque<Member> team_;
  int size_ = 1;
  // The work as a pointer and a function that calls it: a std::function would allocate, every step.
  const void* work_ = nullptr;
  void (*call_)(const void*, int) = nullptr;
  /// The first phase that threw.
  std::atomic<int> failed_ = none;
  alignas(simd::alignment) std::atomic<std::uint32_t> busy_ = 0;
  alignas(simd::alignment) std::atomic<std::uint32_t> arrived_ = 0;
  alignas(simd::alignment) std::atomic<std::uint32_t> generation_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
