// read_csv; the first byte of the input chooses the options.
#include <eigencoder/data/csv.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  eigencoder::CsvOptions options{.header = (data[0] & 1) != 0, .separator = (data[0] & 2) != 0 ? ';' : ','};
  if ((data[0] & 4) != 0) options.label_column = static_cast<eigencoder::Index>(data[0] >> 3) - 16;
  const fuzz::File file({reinterpret_cast<const char*>(data) + 1, size - 1});
  fuzz::read(size, [&] {
    const auto samples = eigencoder::read_csv(file.path(), options);
    if (samples.size() < 1 || samples.features() < 1) std::abort();
    if (options.label_column && samples.labels().size() != static_cast<std::size_t>(samples.size())) std::abort();
  });
  return 0;
}
