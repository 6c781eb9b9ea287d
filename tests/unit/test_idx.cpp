#include <zlib.h>

#include <eigencoder/data/idx.hpp>
#include <eigencoder/data/mnist.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_idx {

using eigencoder::Dataset;
using eigencoder::Index;
using eigencoder::read_idx;
using eigencoder::read_idx_labels;
using eigencoder::read_mnist;
using eigencoder::Shape;
using test::contains;
using namespace std::string_literals;

namespace {

std::string big_endian(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}

std::string header(const std::vector<std::uint32_t>& dims, char type = 8) {
  std::string bytes = {0, 0, type, static_cast<char>(dims.size())};
  for (const auto dim : dims) bytes += big_endian(dim);
  return bytes;
}

std::string gzip(const std::string& bytes) {
  std::string packed(bytes.size() + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string error_of(const std::filesystem::path& path) {
  return test::message_of<std::runtime_error>([&] { (void)read_idx(path); });
}

}  // namespace

TEST_CASE("IDX files of every rank are read, gzipped or not, whatever their name") {
  const test::TemporaryDirectory dir;
  const std::string values = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"s;
  const std::vector<std::pair<std::vector<std::uint32_t>, Shape>> cases = {
      {{12}, Shape{1}}, {{3, 4}, Shape{4}}, {{2, 3, 2}, Shape{3, 2, 1}}, {{1, 2, 2, 3}, Shape{2, 2, 3}}};
  for (const auto& [dims, shape] : cases) {
    const std::string bytes = header(dims) + values;
    for (const auto& path : {test::write(dir / "plain", bytes), test::write(dir / "packed", gzip(bytes))}) {
      const Dataset data = read_idx(path);
      REQUIRE(data.shape() == shape);
      REQUIRE(data.size() == static_cast<Index>(dims[0]));
      REQUIRE(data.bytes_used() == 12);
      const auto x = data.matrix<double>();
      for (Index i = 0; i < 12; ++i) REQUIRE(x.data()[i] == test::Approx(static_cast<double>(i) / 255));
    }
  }
  REQUIRE(read_idx(test::write(dir / "none", header({0, 28, 28}))).empty());
}

TEST_CASE("IDX labels are read") {
  const test::TemporaryDirectory dir;
  REQUIRE(read_idx_labels(test::write(dir / "l", header({3}) + "\x07\x00\xff"s)) == std::vector<int>{7, 0, 255});
  test::write(dir / "images", header({1, 1, 1}) + "\x07"s);
  REQUIRE_THROWS_WITH(read_idx_labels(dir / "images"), contains("has 3 dimensions, expected 1"));
}

TEST_CASE("a bad IDX file is refused with its name and what is wrong") {
  const test::TemporaryDirectory dir;
  const std::string good = header({2, 3, 2}) + "0123456789ab";
  const auto file = [&](const std::string& bytes) { return test::write(dir / "x", bytes); };

  REQUIRE_THAT(error_of(dir / "missing"), contains("missing: cannot be opened: no such file"));
  REQUIRE_THAT(error_of(dir.path()), contains("is a directory"));
  REQUIRE_THAT(error_of(file("")), contains("x: is empty"));
  REQUIRE_THAT(error_of(file("\0\0\x08"s)), contains("not an IDX file"));
  REQUIRE_THAT(error_of(file("\x89PNG\r\n and more")), contains("not an IDX file"));
  REQUIRE_THAT(error_of(file(header({2, 3, 2}, 0x0d) + std::string(48, '0'))),
               contains("element type is 13, expected 8"));
  REQUIRE_THAT(error_of(file(header({}))), contains("has 0 dimensions, expected 1 to 4"));
  REQUIRE_THAT(error_of(file(header({1, 1, 1, 1, 1}) + "0")), contains("has 5 dimensions"));
  REQUIRE_THAT(error_of(file(good.substr(0, 10))), contains("truncated within its header"));
  REQUIRE_THAT(error_of(file(header({2, 0, 2}))), contains("dimension of 0"));
  REQUIRE_THAT(error_of(file(good.substr(0, good.size() - 1))), contains("promises 12 values"));
  REQUIRE_THAT(error_of(file(header({4000000000u, 28, 28}) + "0123")), contains("promises 3136000000000 values"));
  REQUIRE_THAT(error_of(file(header({4294967295u, 4294967295u, 4294967295u, 3}))), contains("impossibly large"));
  REQUIRE_THAT(error_of(file(header({0, 1u << 31, 1u << 31, 4}))), contains("impossibly large"));
  REQUIRE_THAT(error_of(file(header({0, 4294967295u, 4294967295u, 1}))), contains("impossibly large"));
  REQUIRE_THAT(error_of(file(good + "c")), contains("more data than its header says"));

  const std::string packed = gzip(good);
  REQUIRE_THAT(error_of(file(packed.substr(0, packed.size() - 9))), contains("cut short"));
  REQUIRE_THAT(error_of(file(packed.substr(0, 20))), contains("cut short"));
  REQUIRE_THAT(error_of(file(gzip(good.substr(0, good.size() - 1)))), contains("promises 12 values, it has 11"));
  REQUIRE_THAT(error_of(file(gzip(good + "c"))), contains("more data than its header says"));
  REQUIRE_THAT(error_of(file(gzip(header({4000000000u, 28, 28})))),
               contains("promises 3136000000000 values, it has 0"));
  std::string broken = packed;
  broken[broken.size() - 6] = static_cast<char>(broken[broken.size() - 6] + 1);  // in the checksum
  REQUIRE_THAT(error_of(file(broken)), contains("cannot be read"));
}

TEST_CASE("a packed file larger than the reader's stretches is read whole") {
  const test::TemporaryDirectory dir;
  std::string values(300000, '\0');
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<char>(i * i >> 7);
  const auto labels = read_idx_labels(test::write(dir / "x", gzip(header({300000}) + values)));
  REQUIRE(labels.size() == values.size());
  for (std::size_t i = 0; i < values.size(); i += 1000) REQUIRE(labels[i] == static_cast<std::uint8_t>(values[i]));
}

TEST_CASE("a directory of MNIST's files is read in either spelling") {
  const test::TemporaryDirectory dir;
  const std::string images = header({2, 1, 2}) + "0123";
  const std::string labels = header({2}) + "\x03\x04";
  test::write(dir / "train-images-idx3-ubyte", images);
  test::write(dir / "train-labels.idx1-ubyte", labels);
  test::write(dir / "t10k-images.idx3-ubyte.gz", gzip(images));
  REQUIRE_THROWS_WITH(read_mnist(dir.path()), contains("no t10k-labels-idx1-ubyte[.gz]"));
  test::write(dir / "t10k-labels-idx1-ubyte.gz", gzip(labels));
  const auto mnist = read_mnist(dir.path());
  REQUIRE(mnist.train.size() == 2);
  REQUIRE(mnist.test.labels()[1] == 4);
  test::write(dir / "train-labels.idx1-ubyte", header({1}) + "\x03");
  REQUIRE_THROWS_WITH(read_mnist(dir.path()), contains("1 labels for 2 images"));
}

TEST_CASE("the bundled digits are 5,000 and 1,000 labelled images") {
  const auto digits = read_mnist(EXAMPLE_DATA_DIR);
  REQUIRE(digits.train.size() == 5000);
  REQUIRE(digits.test.size() == 1000);
  REQUIRE(digits.train.shape() == Shape{28, 28, 1});
  REQUIRE(digits.train.labels()[0] == 5);
  REQUIRE(digits.test.labels()[0] == 7);
  REQUIRE(digits.train.bytes_used() == 5000 * 784);
}

}  // namespace test_idx
