// read_idx and read_idx_labels: the input as it is, then packed, so that the fuzzer need not find out how to pack.
#include <zlib.h>

#include <eigencoder/data/idx.hpp>

#include "fuzz.hpp"

namespace {

std::string packed(std::string_view bytes) {
  std::string out(compressBound(static_cast<uLong>(bytes.size())) + 18, '\0');
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t deflate_ratio = 1032;  // what a byte that is packed already may stand for
  const std::size_t unpacked = bytes.starts_with("\x1f\x8b") ? deflate_ratio * size : size;
  const auto read = [&](const std::filesystem::path& path) {
    fuzz::read(unpacked, [&] {
      const auto images = eigencoder::read_idx(path);
      if (images.size() * images.features() > static_cast<eigencoder::Index>(unpacked)) std::abort();
    });
    fuzz::read(unpacked, [&] { (void)eigencoder::read_idx_labels(path); });
  };
  const fuzz::File plain(bytes);
  read(plain.path());
  const fuzz::File gzip(packed(bytes));
  read(gzip.path());
  return 0;
}
