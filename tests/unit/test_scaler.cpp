#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/scaler.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_scaler {

using namespace eigencoder;

namespace {

/// Five samples of: 1 ... 4 and an outlier; one value; 2, 4, 6 and two missing.
Matrix<double> table() {
  Matrix<double> x(5, 3);
  x << 1, 7, 2, 2, 7, NAN, 3, 7, 4, 4, 7, NAN, 100, 7, 6;
  return x;
}

}  // namespace

TEST_CASE("scalers learn what scikit-learn's do, and take it back") {
  const Matrix<double> x = table();
  const Dataset data = Dataset(x).with_labels({1, 2, 3, 4, 5});
  const Scaler standard = Scaler::standard(data), min_max = Scaler::min_max(data), robust = Scaler::robust(data);
  CHECK(standard.centre()[0] == test::Approx(22));
  CHECK(standard.scale()[0] == test::Approx(std::sqrt((441.0 + 400 + 361 + 324 + 6084) / 5)));
  CHECK(standard.scale()[2] == test::Approx(std::sqrt(8.0 / 3)));
  CHECK(min_max.centre() == Eigen::RowVector3d(1, 7, 2));
  CHECK(min_max.scale() == Eigen::RowVector3d(99, 1, 4));
  CHECK(robust.centre() == Eigen::RowVector3d(3, 7, 4));
  CHECK(robust.scale() == Eigen::RowVector3d(2, 1, 2));
  CHECK(Scaler::robust(data, true).scale()[0] == test::Approx(2 / 1.349));
  // Quartiles that are equal tell no scale.
  CHECK(Scaler::robust(Eigen::VectorXd{{5, 5, 5, 5, 9}}).scale()[0] == test::Approx(1.6));
  for (const Scaler& scaler : {standard, min_max, robust}) {
    const Dataset scaled = scaler.apply(data);
    CHECK(scaled.labels()[4] == 5);
    const Matrix<double> z = scaled.matrix<double>(), back = scaler.invert(z);
    CHECK(z.col(1).isZero());
    CHECK(std::isnan(z(1, 2)));
    CHECK(z(0, 0) == test::Approx((1 - scaler.centre()[0]) / scaler.scale()[0]));
    CHECK(back.leftCols(2).isApprox(x.leftCols(2)));
    CHECK(std::isnan(back(1, 2)));
  }
  CHECK(Scaler::min_max(Dataset(x, Shape{3, 1, 1})).apply(Dataset(x, Shape{3, 1, 1})).shape() == Shape{3, 1, 1});
}

TEST_CASE("a scaler travels in its model's file") {
  const test::TemporaryDirectory dir;
  const Autoencoder<Sequential<Shape{3}, Dense<2>>, Sequential<Shape{2}, Dense<3>>> model{Seed{1}};
  const Scaler scaler = Scaler::standard(table() / 3);
  save(model, dir / "m.safetensors", {.metadata = scaler_metadata(scaler)});
  const Scaler read = read_scaler(dir / "m.safetensors");
  CHECK(read.centre() == scaler.centre());
  CHECK(read.scale() == scaler.scale());

  const auto message = [&](const Metadata& metadata) {
    save(model, dir / "m.safetensors", {.metadata = metadata});
    return test::message_of<std::runtime_error>([&] { (void)read_scaler(dir / "m.safetensors"); });
  };
  CHECK_THAT(message({}), test::contains("has no scaler"));
  CHECK_THAT(message({{"scaler_centre", "1 2"}, {"scaler_scale", "1 x"}}), test::contains("no list of numbers"));
  CHECK_THAT(message({{"scaler_centre", "1 2"}, {"scaler_scale", "1"}}), test::contains("there are 2 and 1"));
  CHECK_THAT(message({{"scaler_centre", "1"}, {"scaler_scale", "0"}}), test::contains("above 0"));
  CHECK_THAT(message({{"scaler_centre", ""}, {"scaler_scale", ""}}), test::contains("there are 0 and 0"));
}

TEST_CASE("what cannot be scaled is refused") {
  Matrix<double> x = table();
  const Scaler scaler = Scaler::standard(x);
  CHECK_THROWS_AS(scaler.apply(Matrix<double>(2, 4)), std::invalid_argument);
  CHECK_THROWS_AS(scaler.invert(Matrix<double>(2, 4)), std::invalid_argument);
  CHECK_THROWS_AS(Scaler::standard(Matrix<double>(0, 3)), std::invalid_argument);
  x(2, 1) = INFINITY;
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { (void)Scaler::robust(x); }),
             test::contains("sample 2, feature 1 is infinite"));
}

}  // namespace test_scaler
