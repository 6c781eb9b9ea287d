// read_csv; the first byte of the input chooses the options.
#include <eigencoder/data/csv.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  eigencoder::CsvOptions options{.separator = (data[0] & 2) != 0 ? ';' : ','};
  if ((data[0] & 1) != 0) options.header = (data[0] & 64) != 0;
  if ((data[0] & 4) != 0) options.label_column = static_cast<eigencoder::Index>(data[0] >> 3) - 16;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const fuzz::File file(text);
  fuzz::read(size, [&] {
    const auto samples = eigencoder::read_csv(file.path(), options);
    if (samples.size() < 1 || samples.features() < 1) std::abort();
    if (options.label_column && samples.labels().size() != static_cast<std::size_t>(samples.size())) std::abort();
  });
  // A field may stand for 64 numbers where columns have categories.
  options.categories = true;
  fuzz::read(64 * size, [&] {
    const auto table = eigencoder::read_csv_table(file.path(), options);
    options.like = &table;
    if (eigencoder::read_csv(file.path(), options).size() != table.data.size()) std::abort();
  });
  return 0;
}
