#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <eigencoder/threads/workers.hpp>
#include <limits>
#include <mutex>
#include <set>
#include <vector>

#include "support/catch.hpp"
#include "support/sanitized.hpp"
#include "workers/machine.hpp"

using namespace eigencoder;

extern "C" {
int get_nprocs() { return test::cores; }

// The sanitizers have a pthread_create of their own.
#if !defined(TESTS_SANITIZED)
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  using Create = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  if (test::threads_left == 0) return EAGAIN;
  --test::threads_left;
  ++test::threads_made;
  return reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, start, argument);
}
#endif
}

namespace {

/// The number thrown by a run; -1: none.
template <class... Phases>
int thrown(Workers& workers, int threads, const Phases&... phases) {
  try {
    workers.run(threads, phases...);
  } catch (const int number) {
    return number;
  }
  return -1;
}

/// Whether this thread takes numbers that are not normal for zero.
bool flushes() {
  const volatile float tiny = std::numeric_limits<float>::denorm_min();
  const volatile float twice = tiny + tiny;
  return twice == 0;
}

}  // namespace

TEST_CASE("each thread takes each phase once, and none starts one before all have finished the one before") {
  const int size = GENERATE(1, 2, 3, 8);
  Workers workers(size);
  REQUIRE(workers.size() == size);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const int threads = 1 + repeat % size;
    std::vector<int> first(static_cast<std::size_t>(threads)), second = first, third = first;
    const auto count = [](std::vector<int>& of, int id) { ++of[static_cast<std::size_t>(id)]; };
    const auto sum = [](const std::vector<int>& of) {
      int total = 0;
      for (const int number : of) total += number;
      return total;
    };
    std::atomic<int> early = 0;
    workers.run(
        threads, [&](int id) { count(first, id); },
        [&](int id) {
          early += sum(first) != threads;
          count(second, id);
        },
        [&](int id) {
          early += sum(second) != threads;
          count(third, id);
        });
    REQUIRE(early == 0);
    REQUIRE(third == std::vector<int>(static_cast<std::size_t>(threads), 1));
  }
}

TEST_CASE("threads are no more than those asked for, and work on threads of their own") {
  Workers workers(8);
  std::mutex mutex;
  std::set<std::thread::id> seen;
  const auto note = [&](int) {
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  };
  workers.run(1, note, note);
  CHECK(seen == std::set{std::this_thread::get_id()});
  workers.run(5, note, note);
  CHECK(seen.size() == 5);
}

TEST_CASE("an exception comes out, no later phase is begun, and the team works on") {
  const int threads = GENERATE(1, 2, 3, 8);
  Workers workers(threads);
  for (int phase = 0; phase < 3; ++phase)
    for (int thrower = 0; thrower < threads; ++thrower)
      for (const bool others_too : {false, true}) {
        std::vector<std::atomic<int>> reached(3);
        const auto part = [&](int number) {
          return [&, number](int id) {
            ++reached[static_cast<std::size_t>(number)];
            if (number == phase && (id == thrower || (others_too && id > thrower))) throw id;
          };
        };
        REQUIRE(thrown(workers, threads, part(0), part(1), part(2)) == thrower);
        for (int number = 0; number < 3; ++number) {
          const int expected = number < phase ? threads : number > phase ? 0 : threads == 1 ? 1 : threads;
          REQUIRE(reached[static_cast<std::size_t>(number)] == expected);
        }
        std::atomic<int> count = 0;
        workers.run(threads, [&](int) { ++count; });
        REQUIRE(count == threads);
      }
}

TEST_CASE("which exception comes out is no matter of speed") {
  Workers workers(3);
  for (int repeat = 0; repeat < 50; ++repeat)
    REQUIRE(thrown(
                workers, 3,
                [&](int id) {
                  if (id == 1) std::this_thread::sleep_for(std::chrono::microseconds(200));
                  if (id >= 1) throw id;
                },
                [](int) {}) == 1);
}

TEST_CASE("a number of threads is checked and cut down to the parts of the work") {
  CHECK(Workers::count(0, 100) == 8);
  CHECK(Workers::count(0, 3) == 3);
  CHECK(Workers::count(5, 3) == 3);
  CHECK(Workers::count(5, 0) == 1);
  CHECK(Workers::count(32, 100) == 8);
  CHECK(Workers::count(32, 100) == 8);
  CHECK(Workers::count(2, 100) == 2);
  CHECK(Workers::count(32, 1) == 1);
  const auto refusal = [](Index threads) {
    return test::message_of<std::invalid_argument>([&] { (void)Workers::count(threads, 1); });
  };
  CHECK(refusal(-1) == "threads is -1; expected 0 (all cores) to 4096");
  CHECK_THAT(refusal(Index{1} << 32), test::contains("threads is 4294967296; expected"));
  CHECK(refusal(4096).empty());
}

TEST_CASE("denormal numbers are zeros within a run, on every thread, and only there") {
  const int threads = GENERATE(1, 2, 8);
  REQUIRE(!flushes());
  Workers workers(threads);
  std::atomic<int> flushing = 0;
  const auto look = [&](int) { flushing += flushes(); };
  workers.run(threads, look, look);
  CHECK(flushing == 2 * threads);
  CHECK(!flushes());
  CHECK(thrown(workers, threads, [](int) { throw 7; }) == 7);
  CHECK(!flushes());
  {
    const FlushDenormals outer;
    workers.run(threads, look);
    CHECK(flushes());
  }
  CHECK(!flushes());
}

// The sanitizers have a pthread_create of their own.
#if !defined(TESTS_SANITIZED)
TEST_CASE("a team has as many threads as the system gives") {
  const int given = GENERATE(0, 1, 5);
  test::threads_left = given;
  {
    Workers workers(8);
    CHECK(workers.size() == given + 1);
    std::atomic<int> count = 0;
    workers.run(workers.size(), [&](int) { ++count; });
    CHECK(count == given + 1);
  }
  test::threads_left = 1 << 20;
}
#endif
