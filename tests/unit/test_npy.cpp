#include <cstring>
#include <eigencoder/data/npy.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_npy {

using eigencoder::Dataset;
using eigencoder::read_npy;
using eigencoder::Shape;
using test::contains;
using namespace std::string_literals;

namespace {

std::string npy(const std::string& type, const std::string& shape, const std::string& values,
                const std::string& order = "False") {
  const std::string header = "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  return "\x93NUMPY\x01\x00"s + static_cast<char>(header.size()) + "\0"s + header + values;
}

template <class Stored>
std::string bytes_of(const std::vector<Stored>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Stored)};
}

}  // namespace

TEST_CASE("NumPy's arrays of every type and rank are read") {
  const test::TemporaryDirectory dir;
  const auto read = [&](const std::string& bytes) { return read_npy(test::write(dir / "x", bytes)); };
  const Dataset floats = read(npy("<f4", "(2, 3)", bytes_of<float>({1, 2, 3, 4, 5, 6.5f})));
  REQUIRE(floats.size() == 2);
  REQUIRE(floats.shape() == Shape{3});
  REQUIRE(floats.matrix<float>()(1, 2) == 6.5f);
  REQUIRE(floats.bytes_used() == 24);
  REQUIRE(read(npy("<f8", "(2,)", bytes_of<double>({0.1, 0.2}))).matrix<double>()(1, 0) == 0.2);
  const Dataset images = read(npy("|u1", "(1, 2, 1, 3)", "\x00\xff\x33\x00\x00\x00"s));
  REQUIRE(images.shape() == Shape{2, 1, 3});
  REQUIRE(images.matrix<float>()(0, 1) == 1.0f);
  REQUIRE(images.bytes_used() == 6);
  REQUIRE(read(npy("|u1", "(2, 2, 2)", "01234567")).shape() == Shape{2, 2, 1});
  REQUIRE(read(npy("<f4", "(0, 5)", "")).empty());
  REQUIRE(read(npy("|b1", "(2,)", "\x00\x01"s)).matrix<float>()(1, 0) == 1);
  REQUIRE(read(npy("|i1", "(2,)", bytes_of<std::int8_t>({-128, 127}))).matrix<float>()(0, 0) == -128);
  REQUIRE(read(npy("<i2", "(2,)", bytes_of<std::int16_t>({-32768, 7}))).matrix<float>()(0, 0) == -32768);
  REQUIRE(read(npy("<u2", "(1,)", bytes_of<std::uint16_t>({65535}))).matrix<float>()(0, 0) == 65535);
  REQUIRE(read(npy("<i4", "(1,)", bytes_of<std::int32_t>({-2147483647}))).matrix<double>()(0, 0) == -2147483647);
  REQUIRE(read(npy("<u4", "(1,)", bytes_of<std::uint32_t>({4294967295}))).matrix<double>()(0, 0) == 4294967295);
  REQUIRE(read(npy("<i8", "(1,)", bytes_of<std::int64_t>({-(1L << 50)}))).matrix<double>()(0, 0) == -0x1p50);
  REQUIRE(read(npy("<u8", "(1,)", bytes_of<std::uint64_t>({1UL << 63}))).matrix<double>()(0, 0) == 0x1p63);
}

TEST_CASE("a table in Fortran's order is read as its transpose") {
  const test::TemporaryDirectory dir;
  const auto read = [&](const std::string& bytes) { return read_npy(test::write(dir / "x", bytes)).matrix<double>(); };
  const eigencoder::Matrix<double> expected{{1, 2, 3}, {4, 5, 6}};
  REQUIRE(read(npy("<f8", "(2, 3)", bytes_of<double>({1, 4, 2, 5, 3, 6}), "True")) == expected);
  REQUIRE(read(npy("<i2", "(2, 3)", bytes_of<std::int16_t>({1, 4, 2, 5, 3, 6}), "True")) == expected);
  REQUIRE(read(npy("|u1", "(2, 3)", "\x01\x04\x02\x05\x03\x06"s, "True")).isApprox(expected / 255, 1e-6));
  REQUIRE(read(npy("<f4", "(2,)", bytes_of<float>({1, 4}), "True")) == expected.col(0));
}

TEST_CASE("a bad NumPy file is refused with its name and what is wrong") {
  const test::TemporaryDirectory dir;
  const auto error = [&](const std::string& bytes) {
    test::write(dir / "x", bytes);
    return test::message_of<std::runtime_error>([&] { (void)read_npy(dir / "x"); });
  };
  const std::string good = npy("<f4", "(1, 2)", "01234567");
  REQUIRE_THROWS_WITH(read_npy(dir / "missing"), contains("missing: cannot be opened"));
  REQUIRE_THROWS_WITH(read_npy(dir.path()), contains("cannot be opened"));
  REQUIRE_THAT(error(""), contains("x: is not a NumPy file"));
  REQUIRE_THAT(error("PK\x03\x04 and more"), contains("is not a NumPy file"));
  REQUIRE_THAT(error(good.substr(0, 9)), contains("truncated within its header"));
  REQUIRE_THAT(error(good.substr(0, 30)), contains("truncated within its header"));
  REQUIRE_THAT(error(good.substr(0, good.size() - 1)),
               contains("7 bytes of values, its header promises 2 values of 4"));
  REQUIRE_THAT(error(good + "8"), contains("9 bytes of values"));
  REQUIRE_THAT(error(npy("<f4", "(1, 2, 1)", "01234567", "True")), contains("Fortran's order"));
  REQUIRE_THAT(error(npy("<c8", "(1,)", "01234567")),
               contains("type <c8, expected float32, float64, bool or an integer"));
  REQUIRE_THAT(error(npy(">f4", "(2,)", "01234567")), contains("type >f4"));
  REQUIRE_THAT(error(npy("<f4", "()", "0123")), contains("has 0 dimensions"));
  REQUIRE_THAT(error(npy("<f4", "(1, 1, 1, 1, 1)", "0123")), contains("has 5 dimensions"));
  REQUIRE_THAT(error(npy("<f4", "(3, 0)", "")), contains("sample dimension of 0"));
  REQUIRE_THAT(error(npy("<f4", "(99999999999, 99999999999)", "")), contains("impossibly large"));
  REQUIRE_THAT(error(npy("<f4", "(0, 4294967296, 4294967296)", "")), contains("impossibly large"));
  REQUIRE_THAT(error(npy("<f4", "(99999999999999999999,)", "")), contains("impossibly large"));
  for (const char* const shape :
       {"7", "(7)", "(-1, -2)", "(1 2)", "(1, 2", "(1,, 2)", "(,)", "(1.0,)", "(1e0,)", "(01,)", "[1, 2]"}) {
    INFO(shape);
    REQUIRE_THAT(error(npy("<f4", shape, "01234567")), contains("bad header"));
  }
  for (const char* const order : {"Falsehood", "0", "'False'", "false"})
    REQUIRE_THAT(error(npy("<f4", "(1, 2)", "01234567", order)), contains("bad header"));
  REQUIRE_THAT(error(npy("<f4", "(1, 2), 'shape': (2, 1)", "01234567")), contains("shape twice"));
  REQUIRE_THAT(error(npy("<f4", "(1, 2), 'more': (2, 1)", "01234567")), contains("more"));
  REQUIRE_THAT(error(npy("<f4", "(1, 2)} {", "01234567")), contains("bad header"));
  REQUIRE_THAT(error("\x93NUMPY\x09\x09"s + good.substr(8)), contains("version 9.9"));
  REQUIRE_THAT(error("\x93NUMPY\x01\x01"s + good.substr(8)), contains("version 1.1"));
  REQUIRE_THAT(error("\x93NUMPY\x02\x00\x80\x96\x98\x00"s + std::string(10000001, ' ')),
               contains("header of 10000000 bytes"));
  REQUIRE_THAT(error("\x93NUMPY\x01\x00\x02\x00{}"s), contains("without descr"));
}

}  // namespace test_npy
