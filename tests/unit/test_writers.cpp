#include <eigencoder/data/csv.hpp>
#include <eigencoder/data/mapped.hpp>
#include <eigencoder/data/missing.hpp>
#include <eigencoder/data/npy.hpp>
#include <eigencoder/io/csv.hpp>
#include <eigencoder/io/npy.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_writers {

using namespace eigencoder;

TEST_CASE("what write_npy writes, read_npy and map_npy read") {
  const test::TemporaryDirectory dir;
  const Matrix<double> values = Matrix<double>::Random(7, 12) * 1e-7;
  std::vector<std::uint8_t> bytes(24);
  for (std::size_t k = 0; k < bytes.size(); ++k) bytes[k] = static_cast<std::uint8_t>(k * 11);
  const Matrix<float> floats = values.cast<float>();
  const Eigen::MatrixXf columns = floats;
  const auto generated =
      Dataset::generated(2, Shape{3}, [](auto, std::span<float> rows) { std::ranges::fill(rows, 0.5f); });
  for (const Dataset& data : {Dataset(values), Dataset(floats, Shape{3, 4, 1}), Dataset(floats, Shape{2, 3, 2}),
                              Dataset(columns).slice(2, 3), Dataset::from_bytes(bytes, Shape{2, 2, 3}).slice(1, 1),
                              Dataset::from_bytes(bytes, Shape{1}), generated, Dataset(floats).slice(0, 0)}) {
    write_npy(dir / "x.npy", data);
    const Dataset read = read_npy(dir / "x.npy"), mapped = map_npy(dir / "x.npy");
    for (const Dataset& each : {read, mapped}) {
      CHECK(each.shape() == data.shape());
      CHECK(each.matrix<double>() == data.matrix<double>());
    }
    CHECK(read.bytes_used() ==
          (data.bytes_used() == 0 ? static_cast<std::size_t>(24 * data.size() / 2) : data.bytes_used()));
  }
  write_npy(dir / "x.npy", Dataset(Matrix<float>(Matrix<float>::Constant(1, 2, 1))));
  const std::string start =
      std::string("\x93NUMPY\x01\x00v\x00", 10) + "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
  CHECK(test::contents(dir / "x.npy").starts_with(start));
  CHECK(test::contents(dir / "x.npy").size() == 128 + 8);
  CHECK_THROWS_AS(write_npy(dir / "no" / "x.npy", Dataset(values)), std::runtime_error);
}

TEST_CASE("what write_csv writes, read_csv reads") {
  const test::TemporaryDirectory dir;
  Matrix<double> values = Matrix<double>::Random(5, 3) / 3;
  values(1, 2) = NAN;
  values(4, 0) = 1e-300;
  const Dataset labelled = Dataset(values).with_labels({3, -1, 0, 7, 7});
  write_csv(dir / "x.csv", labelled, {.names = {"a", "b, c", "the \"d\"", "kind"}});
  const CsvTable table = read_csv_table(dir / "x.csv", {.label_column = -1, .categories = true});
  CHECK(table.columns[1].name == "b, c");
  CHECK(table.columns[2].name == "the \"d\"");
  CHECK(std::ranges::equal(table.data.labels(), labelled.labels()));
  const auto read = table.data.matrix<double>();
  CHECK(std::isnan(read(1, 2)));
  values(1, 2) = 0;
  CHECK(without_missing(table.data).matrix<double>() == values);

  write_csv(dir / "y.csv", Dataset(Matrix<float>(Matrix<float>::Constant(1, 2, 0.1f))), {.separator = ';'});
  CHECK(test::contents(dir / "y.csv") == "0.1;0.1\n");
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { write_csv(dir / "z.csv", labelled, {.names = {"a"}}); }),
             test::contains("1 names for 4 columns"));
}

}  // namespace test_writers
