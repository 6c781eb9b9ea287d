#pragma once

#include <sanitizer/allocator_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

/// What the fuzz targets share: an input as a file, and a limit of the memory that reading it may take.
namespace fuzz {

/// A file in memory with a name, as long as this lives.
class File {
 public:
  explicit File(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written <= 0) std::abort();
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(descriptor_); }

  [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_ = memfd_create("input", 0);
};

/// The bytes on the heap, now and at most, since `start`.
struct Memory {
  static inline std::size_t now = 0;
  static inline std::size_t peak = 0;
  static inline const int installed = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, std::size_t size) { peak = std::max(peak, now += size); },
      [](const volatile void* place) {
        const std::size_t size = __sanitizer_get_allocated_size(place);
        now -= std::min(size, now);
      });
};

/// f() reads `size` bytes: it may refuse them by std::runtime_error, and take ten times their memory beyond what every
/// reader takes (a stream's buffer, zlib's tables, an exception).
template <class Function>
void read(std::size_t size, const Function& f) {
  constexpr std::size_t overhead = 1u << 19;
  Memory::now = Memory::peak = 0;
  try {
    f();
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).size() > 1000 + 2 * size) std::abort();
  }
  if (Memory::peak > 10 * size + overhead) {
    std::fprintf(stderr, "%zu bytes of memory for a file of %zu\n", Memory::peak, size);
    std::abort();
  }
}

}  // namespace fuzz
