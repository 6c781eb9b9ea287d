#include <eigencoder/data/idx.hpp>
#include <eigencoder/io/write_idx.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_write_idx {

using namespace eigencoder;

TEST_CASE("write_idx: read_idx reads what was written") {
  const test::TemporaryDirectory directory;
  for (const Shape& shape : {Shape{24}, Shape{4, 6, 1}, Shape{4, 2, 3}, Shape{1, 24, 1}}) {
    std::vector<std::uint8_t> bytes;
    for (int k = 0; k < 240; ++k) bytes.push_back(static_cast<std::uint8_t>(k * 7));
    const Dataset samples = Dataset::from_bytes(bytes, shape);
    write_idx(directory / "images", samples);
    const Dataset read = read_idx(directory / "images");
    REQUIRE(read.shape() == shape);
    REQUIRE(read.matrix<float>() == samples.matrix<float>());
  }
  write_idx(directory / "none", Dataset::from_bytes({}, Shape{28, 28, 1}));
  REQUIRE(read_idx(directory / "none").empty());
}

TEST_CASE("write_idx: numbers become bytes, those beyond [0, 1] the nearest") {
  const test::TemporaryDirectory directory;
  Matrix<double> values(1, 5);
  values << -3, 0.5, 0.001, 1, 7;
  write_idx(directory / "values", Dataset(values));
  const Matrix<float> read = read_idx(directory / "values").matrix<float>() * 255;
  REQUIRE(read.array().round().matrix() == (Matrix<float>(1, 5) << 0, 128, 0, 255, 255).finished());
}

}  // namespace test_write_idx
