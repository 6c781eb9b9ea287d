// Codec and LosslessCodec: the first byte says which, and whether the header and the checksum are made right, so that
// the fuzzer need not find out how; the rest is a file.
#include <eigencoder/applications/codec.hpp>
#include <eigencoder/applications/lossless_codec.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <eigencoder/eigencoder.hpp>

#include "fuzz.hpp"

namespace {

using namespace eigencoder;

using LossyEncoder = Sequential<Shape{8}, Dense<6>, QuantizedLatent>;
using LossyDecoder = Sequential<Shape{6}, Dense<8, sigmoid>>;
using Encoder = Sequential<Shape{8}, Dense<4, relu>>;
using BinaryDecoder = Sequential<Shape{2}, Dense<8, sigmoid>>;
using GreyDecoder = Sequential<Shape{2}, Dense<16>>;

Dataset images() {
  Random random(Seed{1});
  std::vector<std::uint8_t> bytes(8 * 100);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random.below(256));
  return Dataset::from_bytes(std::move(bytes), Shape{2, 4, 1});
}

/// The bytes with the head of a file of `codec`'s and a checksum that fits.
template <class AnyCodec>
std::vector<std::uint8_t> repaired(const AnyCodec& codec, std::vector<std::uint8_t> bytes) {
  constexpr std::size_t head = 9;  // magic, version, kind, fingerprint
  if (bytes.size() < head + 4) return bytes;
  const std::vector<std::uint8_t> good = codec.compress(images().slice(0, 0));
  std::copy_n(good.begin(), head, bytes.begin());
  bytes.resize(bytes.size() - 4);
  ByteWriter out;
  out.append(bytes);
  out.number(checksum(bytes), 4);
  return std::move(out).bytes();
}

template <class AnyCodec>
void decompress(const AnyCodec& codec, std::vector<std::uint8_t> bytes, bool repair) {
  if (repair) bytes = repaired(codec, std::move(bytes));
  // An image takes at least some hundredths of a bit.
  constexpr std::size_t images_per_byte = 256;
  fuzz::read(images_per_byte * bytes.size(), [&] {
    const Dataset restored = detail::naming_file("file", [&] { return codec.decompress(bytes); });
    // What can be read can be written, and is the same again.
    const std::vector<std::uint8_t> again = codec.compress(restored);
    if constexpr (requires { codec.likelihood(); }) {
      if (codec.decompress(again).template matrix<float>() != restored.template matrix<float>()) std::abort();
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Codec lossy = [] {
    Autoencoder<LossyEncoder, LossyDecoder> model{Seed{1}};
    for (float& p : model.parameters()) p *= 10;
    return Codec(model, images());
  }();
  static const LosslessCodec binary(VariationalAutoencoder<Encoder, BinaryDecoder, 2>{Seed{1}}, BinaryCrossentropy{});
  static const LosslessCodec grey(VariationalCoder<Encoder, GreyDecoder, 2>{Seed{1}}, DiscretizedLogistic{});
  if (size == 0) return 0;
  const std::vector<std::uint8_t> bytes(data + 1, data + size);
  const bool repair = data[0] / 3 % 2 == 0;
  switch (data[0] % 3) {
    case 0:
      decompress(lossy, bytes, repair);
      break;
    case 1:
      decompress(binary, bytes, repair);
      break;
    default:
      decompress(grey, bytes, repair);
  }
  return 0;
}
