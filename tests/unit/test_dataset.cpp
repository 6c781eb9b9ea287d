#include <cstdint>
#include <eigencoder/data/dataset.hpp>
#include <limits>
#include <numeric>

#include "support/catch.hpp"

namespace test_dataset {

using eigencoder::Dataset;
using eigencoder::Index;
using eigencoder::Matrix;
using eigencoder::Shape;
using test::contains;

namespace {

Matrix<float> counting(Index rows, Index columns) {
  Matrix<float> x(rows, columns);
  std::iota(x.data(), x.data() + x.size(), 0.0f);
  return x;
}

/// Where a dataset's samples lie in memory.
const void* place_of(const Dataset& data) {
  return data.visit([]<class Stored>(const eigencoder::SampleReader<Stored>& reader) -> const void* {
    if constexpr (std::is_same_v<Stored, eigencoder::Generated>) {
      return nullptr;
    } else {
      return reader.first;
    }
  });
}

}  // namespace

TEST_CASE("a dataset of bytes reads them as byte / 255 and keeps them as bytes") {
  std::vector<std::uint8_t> bytes(2 * 256);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const Dataset data = Dataset::from_bytes(bytes, Shape{16, 16, 1});
  REQUIRE(data.size() == 2);
  REQUIRE(data.features() == 256);
  REQUIRE(data.shape() == Shape{16, 16, 1});
  REQUIRE(data.bytes_used() == 512);
  const Matrix<float> x = data.matrix<float>();
  for (Index i = 0; i < 256; ++i) {
    REQUIRE(x(1, i) == test::Approx(static_cast<float>(i) / 255.0f).epsilon(1e-6));
    REQUIRE(data.matrix<double>()(0, i) == test::Approx(static_cast<double>(i) / 255.0).epsilon(1e-15));
  }
  REQUIRE(x(0, 0) == 0.0f);
  REQUIRE(x(0, 255) == 1.0f);
  REQUIRE_THROWS_WITH(Dataset::from_bytes(bytes, Shape{3}), contains("512 bytes") && contains("(3)"));
  REQUIRE_THROWS_AS(Dataset::from_bytes(bytes, Shape{0}), std::invalid_argument);
}

TEST_CASE("an lvalue matrix of either type, any order and any strides is read where it lies") {
  Matrix<float> rows = counting(3, 4);
  const Eigen::MatrixXf columns = rows;
  const Matrix<double> doubles = rows.cast<double>();
  const Eigen::Ref<const Matrix<float>> reference = rows;
  Matrix<float> wide = counting(6, 12);
  const Eigen::Map<const Matrix<float>, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>> strided(
      wide.data() + 1, 3, 4, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>(24, 3));
  const auto block = rows.block(1, 1, 2, 2);
  const auto transposed = rows.transpose();
  const Eigen::ArrayXXd array = doubles.array();

  REQUIRE(Dataset(rows).matrix<float>() == rows);
  REQUIRE(Dataset(columns).matrix<float>() == rows);
  REQUIRE(Dataset(doubles).matrix<float>() == rows);
  REQUIRE(Dataset(reference).matrix<double>() == doubles);
  REQUIRE(Dataset(strided).matrix<float>() == Matrix<float>(strided));
  REQUIRE(Dataset(block).matrix<float>() == Matrix<float>(block));
  REQUIRE(Dataset(transposed).matrix<float>() == Matrix<float>(transposed));
  REQUIRE(Dataset(array).matrix<double>() == doubles);

  const Dataset view(rows);
  rows(2, 3) = 100;
  REQUIRE(view.matrix<float>()(2, 3) == 100);
  REQUIRE(view.bytes_used() == 48);
  REQUIRE(Dataset(doubles).bytes_used() == 96);
}

TEST_CASE("a temporary is owned: moved from if it is a matrix, evaluated if it is an expression") {
  Matrix<float> x = counting(3, 4);
  const Matrix<float> original = x;
  const Dataset doubled(2.0f * x);
  const Dataset top(x.topRows(2));
  const float* memory = x.data();
  const Dataset moved(std::move(x));
  REQUIRE(doubled.matrix<float>() == 2.0f * original);
  REQUIRE(top.matrix<float>() == original.topRows(2));
  REQUIRE(moved.matrix<float>() == original);
  REQUIRE(place_of(moved) == memory);
  Eigen::MatrixXd columns = original.cast<double>();
  REQUIRE(Dataset(std::move(columns)).matrix<float>() == original);
}

TEST_CASE("slices share the samples and the labels") {
  const Matrix<float> x = counting(5, 2);
  const Dataset data = Dataset(x).with_labels({10, 11, 12, 13, 14});
  const Dataset part = data.slice(1, 3).slice(1, 2);
  REQUIRE(part.matrix<float>() == x.middleRows(2, 2));
  REQUIRE(std::vector<int>(part.labels().begin(), part.labels().end()) == std::vector<int>{12, 13});
  REQUIRE(place_of(part) == x.data() + 4);
  REQUIRE(data.slice(5, 0).empty());
  REQUIRE(data.slice(0, 5).size() == 5);
  REQUIRE(Dataset(x).labels().empty());
  REQUIRE_THROWS_WITH(data.slice(3, 3), contains("3 samples from sample 3 on; there are 5"));
  REQUIRE_THROWS_WITH(data.slice(std::numeric_limits<Index>::max(), 1),
                      contains("1 samples from sample 9223372036854775807 on"));
  REQUIRE_THROWS_AS(data.slice(-1, 2), std::invalid_argument);
  REQUIRE_THROWS_AS(data.slice(0, std::numeric_limits<Index>::max()), std::invalid_argument);
  REQUIRE_THROWS_WITH(Dataset(x).with_labels({1, 2}), contains("2 labels for 5 samples"));
}

TEST_CASE("a dataset that was moved from is still whole") {
  Dataset data(counting(2, 2) * 1.0f);
  {
    const Dataset other = std::move(data);
    REQUIRE(other.size() == 2);
  }
  REQUIRE(data.matrix<float>() == counting(2, 2));  // NOLINT: used after a move on purpose
}

TEST_CASE("a shape whose size does not fit is refused, and no size is computed from it") {
  constexpr Index large = Index{1} << 31;
  REQUIRE(!Shape{large, large, 4}.is_valid());
  REQUIRE(!Shape{large, large, large}.is_valid());
  REQUIRE(Shape{large, large, 1}.is_valid());
  for (const Shape& shape : {Shape{large, large, 4}, Shape{large, large, 2}, Shape{-1, -1, 1}}) {
    REQUIRE_THROWS_WITH(Dataset::from_bytes({}, shape), contains("whole number of samples"));
    REQUIRE_THROWS_AS(Dataset::from_bytes({1, 2}, shape), std::invalid_argument);
    REQUIRE_THROWS_AS(Dataset(counting(2, 4)).reshaped(shape), std::invalid_argument);
  }
}

TEST_CASE("the size of an array is the product of its dimensions, where it fits") {
  using eigencoder::array_size;
  const auto size = [](const std::vector<Index>& dims) { return array_size(dims); };
  constexpr Index large = Index{1} << 32;
  REQUIRE(size({}) == 1);
  REQUIRE(size({3, 4}) == 12);
  REQUIRE(size({3, 0, 4}) == 0);
  REQUIRE(size({std::numeric_limits<Index>::max(), 1}) == std::numeric_limits<Index>::max());
  REQUIRE(!size({large, large}));
  REQUIRE(!size({0, large, large}));
  REQUIRE(!size({large, large, 0}));
  REQUIRE(!size({-2, -3}));
}

TEST_CASE("a shape must have as many values as a sample") {
  const Matrix<float> x = counting(2, 12);
  REQUIRE(Dataset(x).shape() == Shape{12});
  REQUIRE(Dataset(x, Shape{2, 3, 2}).shape() == Shape{2, 3, 2});
  REQUIRE(Dataset(x).reshaped(Shape{3, 4, 1}).shape() == Shape{3, 4, 1});
  REQUIRE_THROWS_WITH(Dataset(x, Shape{2, 3, 3}), contains("12 values") && contains("(2, 3, 3)"));
  REQUIRE_THROWS_AS(Dataset(x).reshaped(Shape{13}), std::invalid_argument);
}

TEST_CASE("the reader gives any run of features of any sample") {
  const Matrix<double> x = counting(4, 6).cast<double>();
  const Eigen::MatrixXd columns = x;
  for (const Dataset& data : {Dataset(x), Dataset(columns)}) {
    float out[3] = {};
    data.visit([&](const auto& read) { read(2, 1, 3, out); });
    REQUIRE(out[0] == 13);
    REQUIRE(out[2] == 15);
  }
}

TEST_CASE("what is not finite is named by sample and feature") {
  Matrix<double> x = Matrix<double>::Zero(4, 3);
  REQUIRE_NOTHROW(Dataset(x).check_finite());
  x(2, 1) = std::numeric_limits<double>::quiet_NaN();
  REQUIRE_THROWS_WITH(Dataset(x).check_finite(), contains("sample 2, feature 1"));
  REQUIRE_THROWS_WITH(Dataset(x).slice(1, 3).check_finite(), contains("sample 1, feature 1"));
  x(0, 2) = std::numeric_limits<double>::infinity();
  REQUIRE_THROWS_AS(Dataset(x).check_finite(), std::invalid_argument);
  REQUIRE_NOTHROW(Dataset::from_bytes({0, 255}, Shape{1}).check_finite());
}

TEST_CASE("an empty dataset has no samples") {
  const Dataset none;
  REQUIRE(none.empty());
  REQUIRE(none.size() == 0);
  REQUIRE(none.bytes_used() == 0);
  REQUIRE(none.matrix<float>().rows() == 0);
  REQUIRE(none.slice(0, 0).empty());
  REQUIRE(Dataset(Matrix<float>(0, 7)).features() == 7);
}

}  // namespace test_dataset
