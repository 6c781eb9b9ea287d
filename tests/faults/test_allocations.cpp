#include <malloc.h>
#include <zlib.h>

#include <cerrno>
#include <cstdlib>
#include <eigencoder/data/csv.hpp>
#include <eigencoder/data/idx.hpp>
#include <eigencoder/data/npy.hpp>
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <new>

#include "support/catch.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_directory.hpp"

// Every way to the heap in this program goes through these functions. The sanitizers bring their own.
#if !defined(TESTS_SANITIZED)
namespace {

struct Heap {
  bool is_counting = false;
  long until_failure = -1;  ///< the allocation that fails, counted down; none if it is negative
  long blocks = 0;
  std::size_t bytes = 0;
  std::size_t peak = 0;
};
thread_local Heap heap;

bool fails() {
  if (!heap.is_counting || heap.until_failure < 0 || heap.until_failure-- > 0) return false;
  errno = ENOMEM;
  return true;
}
void* allocated(void* place) {
  if (heap.is_counting && place != nullptr) {
    ++heap.blocks;
    heap.bytes += malloc_usable_size(place);
    heap.peak = std::max(heap.peak, heap.bytes);
  }
  return place;
}
void released(void* place) {
  if (!heap.is_counting || place == nullptr) return;
  --heap.blocks;
  heap.bytes -= std::min(malloc_usable_size(place), heap.bytes);
}

}  // namespace

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) { return fails() ? nullptr : allocated(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) { return fails() ? nullptr : allocated(__libc_calloc(count, size)); }
void* realloc(void* old, std::size_t size) {
  if (fails()) return nullptr;
  released(old);
  return allocated(__libc_realloc(old, size));
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : allocated(__libc_memalign(alignment, size));
}
int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  if (fails()) return ENOMEM;
  *result = allocated(__libc_memalign(alignment, size));
  return 0;
}
void free(void* place) {
  released(place);
  __libc_free(place);
}
}

using namespace eigencoder;

namespace {

using Model = Autoencoder<Sequential<Shape{6}, Dense<3, relu>>, Sequential<Shape{3}, Dense<6>>>;

/// Calls f() again and again, until the first allocation has failed, the second, and so on, and all went well; after
/// each failure `check` is called. Only the calling thread's allocations fail and are counted.
template <class Function, class Check>
void fail_every_allocation(const Function& f, const Check& check, bool count_leaks = true) {
  f();  // what is allocated once, is allocated
  check(false);
  bool failed = true;
  for (long number = 0; failed; ++number) {
    INFO("allocation " << number);
    REQUIRE(number < 10000);
    std::string message = "none";
    heap = {.is_counting = true, .until_failure = number};
    try {
      f();
    } catch (const std::bad_alloc&) {
      message = "bad_alloc";
    } catch (const std::runtime_error&) {
      message = "runtime_error";
    }
    heap.is_counting = false;
    failed = heap.until_failure < 0;
    const long blocks = heap.blocks;
    if (count_leaks) REQUIRE(blocks == 0);
    check(message != "none");
  }
}

std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  Random random(Seed{1}, 0);
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// The most memory that f() takes.
template <class Function>
std::size_t peak_of(const Function& f) {
  heap = {.is_counting = true};
  try {
    f();
  } catch (const std::runtime_error&) {
  }
  heap.is_counting = false;
  return heap.peak;
}

std::ptrdiff_t entries(const std::filesystem::path& directory) {
  return std::distance(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator());
}

std::string safetensors(const std::string& header, const std::string& data = "") {
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + header + data;
}

std::string gzip(const std::string& bytes) {
  std::string packed(bytes.size() + bytes.size() / 100 + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

TEST_CASE("whatever allocation of a save fails, the old file or the new one is whole and nothing is leaked") {
  const test::TemporaryDirectory dir;
  const auto path = dir / "m.safetensors";
  const Model old{Seed{1}};
  const Model changed{Seed{2}};
  save(changed, path);
  const std::string new_bytes = test::contents(path);
  save(old, path);
  const std::string old_bytes = test::contents(path);
  const auto descriptors = entries("/proc/self/fd");
  long failures = 0;
  fail_every_allocation([&] { save(changed, path); },
                        [&](bool failed) {
                          const std::string bytes = test::contents(path);
                          REQUIRE((bytes == new_bytes || (failed && bytes == old_bytes)));
                          REQUIRE(entries(dir.path()) == 1);
                          REQUIRE(entries("/proc/self/fd") == descriptors);
                          failures += failed;
                          save(old, path);
                        });
  REQUIRE(failures > 20);
}

TEST_CASE("whatever allocation of a load fails, the model is the old one or the new one and nothing is leaked") {
  const test::TemporaryDirectory dir;
  const auto path = dir / "m.safetensors";
  const Model old{Seed{1}};
  const Model changed{Seed{2}};
  save(changed, path);
  Model model = old;
  const auto descriptors = entries("/proc/self/fd");
  const auto equal = [](const Model& a, const Model& b) {
    return std::equal(a.parameters().begin(), a.parameters().end(), b.parameters().begin());
  };
  long failures = 0;
  fail_every_allocation([&] { load(model, path); },
                        [&](bool failed) {
                          REQUIRE(equal(model, failed ? old : changed));
                          REQUIRE(entries("/proc/self/fd") == descriptors);
                          failures += failed;
                          model = old;
                        });
  REQUIRE(failures > 20);
}

TEST_CASE("whatever allocation of a training fails, it says so, nothing is leaked, and the model can be trained") {
  const Matrix<float> x = (Matrix<float>::Random(70, 6).array() + 1) / 2;
  const auto train = [&](Model& model, Index threads) {
    fit(model, x, MeanSquaredError{} + KlSparsity{.rho = 0.1}, Adam{.global_clipnorm = 1},
        {.epochs = 3,
         .batch_size = 63,
         .validation_split = 0.1,
         .corruption = MaskingNoise{.p = 0.1},
         .on_epoch_end = {EarlyStopping{.patience = 9, .restore_best_weights = true}, ReduceLROnPlateau{}},
         .threads = threads,
         .progress = false,
         .warnings = false});
  };
  for (const Index threads : {1, 3}) {
    Model expected;
    train(expected, threads);
    Model model;
    const Model fresh;
    long failures = 0;
    fail_every_allocation(
        [&] { train(model, threads); },
        [&](bool failed) {
          REQUIRE(std::ranges::all_of(model.parameters(), [](float value) { return std::isfinite(value); }));
          // Where memory for a thread is missing, the others do its work.
          if (!failed) REQUIRE(std::ranges::equal(model.parameters(), expected.parameters()));
          model = fresh;
          train(model, threads);
          REQUIRE(std::ranges::equal(model.parameters(), expected.parameters()));
          model = fresh;
          failures += failed;
        },
        // A thread's own block is made by one thread and released by the other.
        threads == 1);
    REQUIRE(failures > 20);
  }
}

TEST_CASE("whatever allocation of a reader fails, nothing is leaked") {
  const test::TemporaryDirectory dir;
  test::write(dir / "csv", "1,2\n3,4\n");
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}";
  test::write(dir / "npy",
              std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + "01234567");
  test::write(dir / "idx", gzip(std::string("\0\0\x08\1\0\0\0\3abc", 11)));
  const auto descriptors = entries("/proc/self/fd");
  const auto check = [&](bool) { REQUIRE(entries("/proc/self/fd") == descriptors); };
  fail_every_allocation([&] { (void)read_csv(dir / "csv", {.label_column = 1}); }, check);
  fail_every_allocation([&] { (void)read_npy(dir / "npy"); }, check);
  fail_every_allocation([&] { (void)read_idx(dir / "idx"); }, check);
}

TEST_CASE("no file is read in more than ten times its memory") {
  const test::TemporaryDirectory dir;
  constexpr std::size_t million = 1'000'000;
  const auto times = [&](const std::string& bytes, const auto& read) {
    test::write(dir / "x", bytes);
    return static_cast<double>(peak_of([&] { (void)read(dir / "x"); })) / static_cast<double>(bytes.size());
  };
  const auto tensors = [](const auto& path) { return read_safetensors(path); };
  const auto nested = [](const std::string& open, const std::string& close) {
    std::string text = "{\"__metadata__\":{\"a\":";
    for (std::size_t i = 0; i < million; ++i) text += open;
    return safetensors(text + close);
  };
  CHECK(times(nested("[", ""), tensors) < 10);
  CHECK(times(nested("{\"a\":", ""), tensors) < 10);
  // The JSON library keeps more copies than that of a number of a million digits.
  CHECK(times(safetensors("{\"t\":{\"dtype\":\"F32\",\"shape\":[" + std::string(million, '1') + "]}}"), tensors) < 12);
  CHECK(times(safetensors("{\"" + std::string(million, 't') + "\":1}"), tensors) < 10);
  CHECK(
      times(safetensors("{\"t\":{\"dtype\":\"F32\",\"shape\":[250000],\"data_offsets\":[0,1000000]}}", noise(million)),
            tensors) < 10);

  // A gigabyte is promised, in a file that could hold it, but does not.
  const std::string promise = std::string("\0\0\x08\1\x40\0\0\0", 8) + noise(2 * million);
  CHECK(times(gzip(promise), [](const auto& path) { return read_idx(path); }) < 10);

  std::string numbers;
  for (std::size_t i = 0; i < million; ++i) numbers += i % 1000 == 999 ? "1\n" : "1,";
  CHECK(times(numbers, [](const auto& path) { return read_csv(path); }) < 10);
  CHECK(times(std::string(million, ','), [](const auto& path) { return read_csv(path); }) < 10);
  std::string column;
  for (std::size_t i = 0; i < million; ++i) column += "1\n";
  CHECK(times(column, [](const auto& path) { return read_csv(path); }) < 10);
}
#endif
