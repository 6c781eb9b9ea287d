// map_npy, map_idx and map_raw, compared with what reads the same into memory; the input's first byte chooses.
#include <eigencoder/data/idx.hpp>
#include <eigencoder/data/mapped.hpp>

#include "fuzz.hpp"

namespace {

using namespace eigencoder;

/// What is mapped is what is read, bit for bit.
void compare(const Dataset& mapped, const Dataset& read) {
  if (mapped.shape() != read.shape() || mapped.size() != read.size()) std::abort();
  const auto a = mapped.matrix<double>(), b = read.matrix<double>();
  if (a.size() > 0 && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<std::size_t>(a.size())) != 0)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const fuzz::File file({reinterpret_cast<const char*>(data) + 1, size - 1});
  fuzz::read(2 * size, [&] {
    switch (data[0] % 3) {
      case 0:
        return compare(map_npy(file.path()), read_npy(file.path()));
      case 1:
        return compare(map_idx(file.path()), read_idx(file.path()));
      default:
        (void)map_raw<float>(file.path(), Shape{data[0] / 8}, data[0] / 16).matrix<float>();
    }
  });
  return 0;
}
