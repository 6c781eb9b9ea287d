// read_npy.
#include <eigencoder/data/npy.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::File file({reinterpret_cast<const char*>(data), size});
  fuzz::read(size, [&] {
    const auto samples = eigencoder::read_npy(file.path());
    // Integers become floats of at most four times their size.
    if (samples.bytes_used() > 4 * size) std::abort();
  });
  return 0;
}
