// read_png and read_jpeg, and with_channels and resized of what they read; the input's first byte chooses.
#include <eigencoder/data/jpeg.hpp>
#include <eigencoder/data/png.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eigencoder;
  if (size == 0) return 0;
  const fuzz::File file({reinterpret_cast<const char*>(data) + 1, size - 1});
  constexpr Index most = 1 << 14;
  // Packed pixels may be many in a small file: what both libraries take for the most there may be is allowed.
  fuzz::read(size + (std::size_t{1} << 20), [&] {
    const Image image = (data[0] & 1) != 0 ? read_jpeg(file.path(), most) : read_png(file.path(), most);
    if (image.bytes.size() != static_cast<std::size_t>(image.shape.size())) std::abort();
    if (image.shape.height * image.shape.width > most) std::abort();
    const Image changed = resized(with_channels(image, (data[0] & 2) != 0 ? 1 : 3), 1 + data[0] / 16, 1 + data[0] / 8);
    if (changed.bytes.size() != static_cast<std::size_t>(changed.shape.size())) std::abort();
  });
  return 0;
}
