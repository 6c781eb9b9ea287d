// read_npz and read_npz_labels. What is deflated may unpack to 1032 times its size.
#include <eigencoder/data/npz.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::File file({reinterpret_cast<const char*>(data), size});
  fuzz::read(103 * size, [&] {
    for (const std::string& name : eigencoder::npz_names(file.path())) (void)eigencoder::read_npz(file.path(), name);
  });
  fuzz::read(103 * size, [&] { (void)eigencoder::read_npz_labels(file.path()); });
  return 0;
}
