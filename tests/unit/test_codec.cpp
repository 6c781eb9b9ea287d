#include <eigencoder/applications/codec.hpp>
#include <eigencoder/applications/codec_files.hpp>
#include <eigencoder/applications/lossless_codec.hpp>
#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_codec {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{12}, Dense<8, relu>, Dense<5>, QuantizedLatent>;
using Decoder = Sequential<Encoder::output, Dense<8, relu>, Dense<12, sigmoid>>;
using Model = Autoencoder<Encoder, Decoder>;

using ImageEncoder = Sequential<Shape{6, 4, 1}, Conv2D<3, 3, same, stride(2)>, QuantizedLatent>;
using ImageDecoder = Sequential<ImageEncoder::output, Conv2DTranspose<1, 3, same, stride(2), sigmoid>>;
using ImageModel = Autoencoder<ImageEncoder, ImageDecoder>;

using BinaryEncoder = Sequential<Shape{12}, Dense<7, relu>>;
using BinaryDecoder = Sequential<Shape{3}, Dense<7, relu>, Dense<12, sigmoid>>;
using BinaryModel = VariationalAutoencoder<BinaryEncoder, BinaryDecoder, 3>;
using GreyDecoder = Sequential<Shape{3}, Dense<7, relu>, Dense<24>>;
using GreyModel = VariationalCoder<BinaryEncoder, GreyDecoder, 3>;

/// Parameters of a size that makes codes of many values.
template <class AnyModel>
AnyModel wild(float size, std::uint64_t seed = 4) {
  AnyModel model{Seed{seed}};
  for (float& p : model.parameters()) p *= size;
  return model;
}

Dataset noise(Index count, const Shape& shape, std::uint64_t seed = 1, bool binary = false) {
  Random random(Seed{seed});
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * shape.size()));
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(binary ? 255 * random.below(2) : random.below(256));
  return Dataset::from_bytes(std::move(bytes), shape);
}

bool equal(const Dataset& a, const Dataset& b) {
  return a.shape() == b.shape() && a.size() == b.size() && a.matrix<float>() == b.matrix<float>();
}

/// Whether images are, to their rounding to bytes, what a model gave.
bool near(const Dataset& images, const Matrix<float>& values) {
  return images.size() == values.rows() && ((images.matrix<float>() - values).array().abs() <= 0.5001F / 255).all();
}

using Bytes = std::vector<std::uint8_t>;

/// The same file with a checksum that fits it.
Bytes sealed(Bytes file) {
  ByteWriter out;
  out.append(std::span(file).first(file.size() - 4));
  out.number(checksum(out.bytes()), 4);
  return std::move(out).bytes();
}

template <class AnyCodec>
void check_damage(const AnyCodec& codec, const Bytes& good) {
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE_THROWS_AS(codec.decompress(std::span(good).first(size)), std::invalid_argument);
  for (std::size_t k = 0; k < good.size(); ++k)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[k] = static_cast<std::uint8_t>(bad[k] ^ 1U << bit);
      REQUIRE_THROWS_AS(codec.decompress(bad), std::invalid_argument);
      // What has been tampered with on purpose may be read as other images, or refused, and nothing else.
      try {
        (void)codec.decompress(sealed(bad));
      } catch (const std::invalid_argument&) {
      }
    }
  Bytes longer = good;
  longer.push_back(0);
  REQUIRE_THROWS_AS(codec.decompress(longer), std::invalid_argument);
}

}  // namespace

TEST_CASE("Codec: images come back as the decoder makes them of the rounded code, in their shape") {
  for (const float size : {0.1F, 3.0F, 100.0F}) {
    const Codec codec(wild<Model>(size), noise(200, Shape{3, 4, 1}));
    for (const Index count : {0, 1, 17, 1000}) {
      const Dataset images = noise(count, Shape{3, 4, 1}, 7);
      const Dataset restored = codec.decompress(codec.compress(images));
      REQUIRE((count == 0 || restored.shape() == Shape{3, 4, 1}));
      REQUIRE(near(restored, codec.model().reconstruct(images)));
    }
  }
}

TEST_CASE("Codec: a code with a place has a table for each channel") {
  const Codec codec(wild<ImageModel>(20), noise(300, Shape{6, 4, 1}));
  REQUIRE(codec.tables().size() == 3);
  const Dataset images = noise(40, Shape{6, 4, 1}, 2);
  REQUIRE(near(codec.decompress(codec.compress(images)), codec.model().reconstruct(images)));
}

TEST_CASE("Codec: any codes are packed and unpacked, also those that the tables do not know") {
  const Codec codec(wild<Model>(3), noise(50, Shape{12}));
  Random random(Seed{2});
  for (const Index images : {0, 1, 3, 2000}) {
    std::vector<std::int32_t> codes;
    for (Index k = 0; k < 5 * images; ++k)
      codes.push_back(static_cast<std::int32_t>(random() >> random.below(32)) * (random.below(2) == 0 ? 1 : -1));
    REQUIRE(codec.unpack(codec.pack(codes), images) == codes);
    REQUIRE_THROWS_AS(codec.unpack(codec.pack(codes), images + 1000), std::invalid_argument);
    if (images > 0) REQUIRE_THROWS_AS(codec.unpack(codec.pack(codes), images - 1), std::invalid_argument);
  }
}

TEST_CASE("Codec: damaged, truncated and foreign files are refused") {
  const Codec codec(wild<Model>(3), noise(200, Shape{12}));
  const Dataset images = noise(3, Shape{12}, 5);
  const Bytes good = codec.compress(images);
  check_damage(codec, good);
  REQUIRE_THROWS_WITH(codec.decompress(Bytes{'P', 'K', 3, 4}), "is no file of compressed images");
  const Codec other(wild<Model>(3, 5), noise(200, Shape{12}));
  REQUIRE_THROWS_WITH(other.decompress(good), "was compressed with another model");
  const Codec tables(wild<Model>(3), noise(100, Shape{12}));
  REQUIRE_THROWS_WITH(tables.decompress(good), "was compressed with another model");
  Bytes bad = good;
  bad[3] = 9;
  REQUIRE_THROWS_WITH(codec.decompress(bad), "has format version 9, expected 1");
  REQUIRE_THROWS_AS(codec.compress(noise(2, Shape{11})), std::invalid_argument);
  Matrix<float> holey = Matrix<float>::Zero(2, 12);
  holey(1, 3) = std::numeric_limits<float>::quiet_NaN();
  REQUIRE_THROWS_AS(codec.compress(holey), std::invalid_argument);
  REQUIRE_THROWS_AS(Codec(wild<Model>(3), Dataset()), std::invalid_argument);
  REQUIRE_THROWS_AS(Codec(wild<Model>(3), std::vector<FrequencyTable>{}), std::invalid_argument);
}

TEST_CASE("LosslessCodec: black and white images come back bit for bit, whatever the model") {
  for (const float size : {0.1F, 1.0F, 10.0F, 1e6F}) {
    const LosslessCodec codec(wild<BinaryModel>(size), BinaryCrossentropy{});
    for (const Index count : {0, 1, 50}) {
      const Dataset images = noise(count, Shape{4, 3, 1}, 3, true);
      const Dataset restored = codec.decompress(codec.compress(images));
      REQUIRE((count == 0 ? restored.empty() : equal(restored, images)));
    }
  }
  const LosslessCodec codec(BinaryModel{}, BinaryCrossentropy{});
  REQUIRE_THROWS_WITH(codec.compress(noise(1, Shape{12})), test::contains("takes 0 and 255 only"));
  check_damage(codec, codec.compress(noise(3, Shape{12}, 3, true)));
}

TEST_CASE("LosslessCodec: grey images come back bit for bit, whatever the model and the levels") {
  const Dataset images = noise(50, Shape{12}, 8);
  const Dataset dark = Dataset::from_bytes(Bytes(24, 0), Shape{12});
  const Dataset bright = Dataset::from_bytes(Bytes(24, 255), Shape{12});
  for (const float size : {0.1F, 1.0F, 10.0F, 1e6F})
    for (const GreyLevels& levels : {GreyLevels(), GreyLevels(images), GreyLevels(dark), GreyLevels(bright)}) {
      const LosslessCodec codec(wild<GreyModel>(size), DiscretizedLogistic{levels});
      for (const Dataset& some : {images, dark, bright}) REQUIRE(equal(codec.decompress(codec.compress(some)), some));
    }
  const LosslessCodec codec(GreyModel{}, DiscretizedLogistic{});
  check_damage(codec, codec.compress(images.slice(0, 2)));
  const LosslessCodec other(GreyModel{}, DiscretizedLogistic{GreyLevels(images)});
  REQUIRE_THROWS_WITH(other.decompress(codec.compress(images)), "was compressed with another model");
  const LosslessCodec binary(BinaryModel{}, BinaryCrossentropy{});
  REQUIRE_THROWS_WITH(binary.decompress(codec.compress(images)), test::contains("by another codec"));
}

TEST_CASE("LosslessCodec: a file takes the bits of the evidence lower bound") {
  const auto check = [](const auto& codec, const Dataset& images, const auto& bound) {
    const double bits = static_cast<double>(codec.compress(images).size()) * 8;
    const double expected =
        negative_lower_bounds(codec.model(), images, bound, Seed{3}).template cast<double>().sum() / std::numbers::ln2;
    REQUIRE(std::abs(bits / expected - 1) < 0.01);
  };
  // A model that has learnt nothing: the code of an image is far from the prior, and must not follow from the one
  // before.
  Random random(Seed{8});
  Bytes dark(12 * 4000);
  for (std::uint8_t& b : dark) b = static_cast<std::uint8_t>(random.below(40));
  check(LosslessCodec(GreyModel{Seed{4}}, DiscretizedLogistic{}), Dataset::from_bytes(dark, Shape{12}),
        EvidenceLowerBound<DiscretizedLogistic>{});
  check(LosslessCodec(BinaryModel{Seed{4}}, BinaryCrossentropy{}), noise(20000, Shape{12}, 8, true),
        EvidenceLowerBound<>{});
}

TEST_CASE("LosslessCodec: a file has the same bytes on every machine") {
  const auto bytes = [](const auto& codec, const Dataset& images) {
    const Bytes file = codec.compress(images);
    return checksum(std::span(file).first(file.size() - 4));  // without its own checksum
  };
  CHECK(bytes(LosslessCodec(wild<GreyModel>(2), DiscretizedLogistic{}), noise(20, Shape{12})) == 0xFEF5CD1A);
  CHECK(bytes(LosslessCodec(wild<BinaryModel>(2), BinaryCrossentropy{}), noise(20, Shape{12}, 1, true)) == 0x8FEAC8A3);
}

TEST_CASE("IntegerNetwork: computes what the model computes, to its steps") {
  const BinaryModel model = wild<BinaryModel>(2);
  IntegerNetwork network;
  const std::size_t decoder = model.parameters().size() - (3 * 7 + 7 + 7 * 12 + 12);
  network.add(BinaryDecoder::Bound{}, model.parameters().subspan(decoder));
  const Matrix<float> codes = Matrix<float>::Random(1, 3);
  IntegerNetwork::Values z;
  for (const float v : codes.row(0)) z.push_back(std::lround(v * 4096));
  const IntegerNetwork::Values logits = network(z);
  const Matrix<float> expected = model.decode(codes);
  for (Index k = 0; k < 12; ++k) {
    const double logit = static_cast<double>(logits[static_cast<std::size_t>(k)]) / 4096;
    REQUIRE(std::abs(1 / (1 + std::exp(-logit)) - expected(0, k)) < 1e-3);
  }
  IntegerNetwork bad;
  const std::vector<float> infinite(2, std::numeric_limits<float>::infinity());
  REQUIRE_THROWS_AS(bad.add(1, 1, infinite, true, false), std::invalid_argument);
  REQUIRE_THROWS_AS(bad.add(8193, 1, std::vector<float>(8193), false, false), std::invalid_argument);
}

TEST_CASE("GreyLevels: frequent levels are wide, and only ascending edges are taken") {
  Bytes bytes(100, 200);
  bytes.resize(1000, 0);
  const GreyLevels levels(Dataset::from_bytes(bytes, Shape{10}));
  const auto& edges = levels.edges();
  REQUIRE(edges.front() == 0);
  REQUIRE(edges[200] - edges[199] > 50 * (edges[100] - edges[99]));
  std::array<std::int32_t, 255> flat{};
  REQUIRE_THROWS_AS(GreyLevels(flat), std::invalid_argument);
  REQUIRE_THROWS_AS(GreyLevels(Dataset(Matrix<float>::Constant(1, 2, 1.5F))), std::invalid_argument);
}

TEST_CASE("a codec's file gives a codec that writes the same bytes") {
  const test::TemporaryDirectory directory;
  const Dataset images = noise(30, Shape{12}), white = noise(30, Shape{12}, 1, true);
  const Codec lossy(wild<Model>(30), images);
  save(lossy, directory / "lossy");
  REQUIRE(load_codec<Codec<Model>>(directory / "lossy").compress(images) == lossy.compress(images));
  const LosslessCodec grey(wild<GreyModel>(2), DiscretizedLogistic{GreyLevels(images)});
  save(grey, directory / "grey");
  using Grey = LosslessCodec<GreyModel, DiscretizedLogistic>;
  REQUIRE(load_codec<Grey>(directory / "grey").compress(images) == grey.compress(images));
  const LosslessCodec binary(wild<BinaryModel>(2), BinaryCrossentropy{});
  save(binary, directory / "binary");
  using Binary = LosslessCodec<BinaryModel, BinaryCrossentropy>;
  REQUIRE(load_codec<Binary>(directory / "binary").compress(white) == binary.compress(white));

  REQUIRE_THROWS_WITH(load_codec<Grey>(directory / "binary"), test::contains("of another architecture"));
  auto tensors = read_safetensors(directory / "lossy");
  tensors.at("codec.frequencies").values[0] += 1;
  write_safetensors(directory / "broken", tensors);
  REQUIRE_THROWS_WITH(load_codec<Codec<Model>>(directory / "broken"), test::contains("broken: FrequencyTable"));
  tensors.at("codec.frequencies").values[0] = 1e30;
  write_safetensors(directory / "broken", tensors);
  REQUIRE_THROWS_WITH(load_codec<Codec<Model>>(directory / "broken"), test::contains("out of range"));
}

}  // namespace test_codec
