#include <cmath>
#include <eigencoder/data/csv.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_csv {

using eigencoder::Dataset;
using eigencoder::read_csv;
using test::contains;

TEST_CASE("a CSV file is read, with or without header, labels and blanks") {
  const test::TemporaryDirectory dir;
  const Dataset plain = read_csv(test::write(dir / "a", "1,2.5,-3e2\n4, 5 ,+6\n\n"));
  REQUIRE(plain.size() == 2);
  REQUIRE(plain.features() == 3);
  REQUIRE(plain.matrix<double>()(0, 2) == -300);
  REQUIRE(plain.matrix<float>()(1, 1) == 5);
  REQUIRE(plain.labels().empty());

  test::write(dir / "b", "x;y;class\r\n0.1;0.2;7\r\n0.3;nan;-1");
  for (const eigencoder::Index column : {2, -1}) {
    const Dataset labelled = read_csv(dir / "b", {.header = true, .label_column = column, .separator = ';'});
    REQUIRE(labelled.features() == 2);
    REQUIRE(labelled.labels()[0] == 7);
    REQUIRE(labelled.labels()[1] == -1);
    REQUIRE(labelled.matrix<double>()(0, 1) == 0.2);
    REQUIRE(std::isnan(labelled.matrix<double>()(1, 1)));
  }
}

TEST_CASE("a byte-order mark is skipped") {
  const test::TemporaryDirectory dir;
  const Dataset data = read_csv(test::write(dir / "a",
                                            "\xEF\xBB\xBF"
                                            "1,2\n3,4\n"));
  REQUIRE(data.size() == 2);
  REQUIRE(data.matrix<double>()(0, 0) == 1);
  const Dataset named = read_csv(test::write(dir / "b",
                                             "\xEF\xBB\xBF"
                                             "a,b\n3,4"),
                                 {.header = true});
  REQUIRE(named.size() == 1);
}

TEST_CASE("numbers of a character each, and an end without a line's, fill a CSV file") {
  const test::TemporaryDirectory dir;
  for (const char* const text : {"1", "1\n", "1\n2", "\n\n1\n2\n", "1\r\n2\r\n"}) {
    const Dataset data = read_csv(test::write(dir / "a", text));
    REQUIRE(data.features() == 1);
    REQUIRE(data.matrix<double>()(0, 0) == 1);
  }
  REQUIRE(read_csv(test::write(dir / "a", "1,2\n3,4")).matrix<double>()(1, 1) == 4);
  REQUIRE(read_csv(test::write(dir / "a", "1,2\n3,4"), {.label_column = 0}).labels()[1] == 3);
}

TEST_CASE("a bad CSV file is refused with file, line and column") {
  const test::TemporaryDirectory dir;
  const auto error = [&](const std::string& text, const eigencoder::CsvOptions& options = {}) {
    test::write(dir / "x", text);
    return test::message_of<std::runtime_error>([&] { (void)read_csv(dir / "x", options); });
  };
  REQUIRE_THROWS_WITH(read_csv(dir / "missing"), contains("missing: cannot be opened"));
  REQUIRE_THROWS_WITH(read_csv(dir.path()), contains("cannot be opened"));
  REQUIRE_THAT(error(""), contains("x: has no samples"));
  REQUIRE_THAT(error("\n \n"), contains("x: has no samples"));
  REQUIRE_THAT(error("a,b\n", {.header = true}), contains("has no samples"));
  REQUIRE_THAT(error("a,b\n"), contains("x: has no samples"));
  REQUIRE_THAT(error("a,b\n1,2\n", {.header = false}), contains("x:1: column 0 is \"a\", not a number"));
  REQUIRE_THAT(error("1,b\n1,2\n"),
               contains("x:1: column 1 is \"b\", not a number; what is missing is nothing, NA or NaN; "
                        "if the column is of categories, read the file with {.categories = true}"));
  REQUIRE_THAT(error("1,5;2\n"), contains("\"5;2\", not a number; if that separates columns, read the file with "
                                          "{.separator = ';'}"));
  REQUIRE_THAT(error("1,2\n3,4x\n"), contains("x:2: column 1 is \"4x\""));
  REQUIRE_THAT(error("1,2\n3,4,5\n"), contains("x:2: has 3 columns, the first line has 2"));
  REQUIRE_THAT(error("1,2\n", {.label_column = 2}), contains("has no column 2"));
  REQUIRE_THAT(error("1,2\n", {.label_column = -3}), contains("has no column -3"));
  REQUIRE_THAT(error("1,2.5\n", {.label_column = 1}), contains("the label \"2.5\" is not a whole number"));
  REQUIRE_THAT(error("1,1e30\n", {.label_column = 1}), contains("is not a whole number"));
  REQUIRE_THAT(error("1,\n", {.label_column = 1}), contains("the label \"\" is not a whole number"));
  REQUIRE_THAT(error("1\n2\n", {.label_column = 0}), contains("no column besides the label"));
  REQUIRE_THAT(error("1,2\n3,\"4\n5,6\n"), contains("x:2: has a quotation mark that is not closed"));
  REQUIRE_THAT(error("1,\"2\n\"\n\"3\" 4,5\n"), contains("x:3: has text behind the quotation mark that ends \"3\""));
}

TEST_CASE("a header is found by itself, by text and no number in the first line") {
  const test::TemporaryDirectory dir;
  const auto rows = [&](const std::string& text, const eigencoder::CsvOptions& options = {}) {
    return read_csv(test::write(dir / "x", text), options).size();
  };
  CHECK(rows("a,b\n1,2\n") == 1);
  CHECK(rows("\n\"a,1\",b\n1,2\n3,4\n") == 2);
  CHECK(rows("a,\n1,2\n") == 1);
  CHECK(rows("nan,NA\n1,2\n") == 2);
  CHECK(rows("inf,1e3\n1,2\n") == 2);
  CHECK(rows("1,2\n3,4\n", {.header = true}) == 1);
}

TEST_CASE("what is missing is NaN, and fields may stand in quotation marks") {
  const test::TemporaryDirectory dir;
  const auto x = read_csv(test::write(dir / "x", "1,,NA\n\"2\", \"3\" ,nan\n,4,\"\"\n5,NaN,")).matrix<double>();
  REQUIRE(x.rows() == 4);
  REQUIRE(x.cols() == 3);
  CHECK(x(1, 0) == 2);
  CHECK(x(1, 1) == 3);
  CHECK(x(2, 1) == 4);
  CHECK(x(3, 0) == 5);
  CHECK(x.array().isNaN().count() == 7);
  const auto tabs = read_csv(test::write(dir / "x", "1\t\t2\n"), {.separator = '\t'}).matrix<double>();
  CHECK(tabs.cols() == 3);
  CHECK(std::isnan(tabs(0, 1)));
}

TEST_CASE("columns of text are categories, one feature each, the same in another file") {
  const test::TemporaryDirectory dir;
  const eigencoder::CsvOptions options{.label_column = -1, .categories = true};
  const auto train = eigencoder::read_csv_table(
      test::write(dir / "train", "size,\"the \"\"color\"\"\",kind\n1,red,b\n2,\"light,\nblue\",a\n3,,b\n"), options);
  REQUIRE(train.columns.size() == 2);
  CHECK(train.columns[0].name == "size");
  CHECK(train.columns[0].categories.empty());
  CHECK(train.columns[1].name == "the \"color\"");
  CHECK(train.columns[1].categories == std::vector<std::string>{"light,\nblue", "red"});
  CHECK(train.labels == std::vector<std::string>{"a", "b"});
  const auto x = train.data.matrix<double>();
  CHECK(x.row(0) == Eigen::RowVector3d(1, 0, 1));
  CHECK(x.row(1) == Eigen::RowVector3d(2, 1, 0));
  CHECK(x(2, 0) == 3);
  CHECK(x.row(2).array().isNaN().count() == 2);
  CHECK(train.data.labels()[0] == 1);
  CHECK(train.data.labels()[1] == 0);

  const eigencoder::CsvOptions like{.label_column = -1, .like = &train};
  const auto test = eigencoder::read_csv_table(test::write(dir / "test", "7,red,b\n"), like);
  CHECK(test.data.matrix<double>() == Eigen::RowVector3d(7, 0, 1));
  CHECK(test.data.labels()[0] == 1);
  const auto error = [&](const std::string& text, const eigencoder::CsvOptions& how) {
    test::write(dir / "x", text);
    return test::message_of<std::runtime_error>([&] { (void)eigencoder::read_csv_table(dir / "x", how); });
  };
  CHECK_THAT(error("7,green,b\n", like), contains("x:1: column 1 is \"green\", which is none of its 2 categories"));
  CHECK_THAT(error("7,red,c\n", like), contains("the label \"c\" is none of the 2 known"));
  CHECK_THAT(error("7,8,red,b\n", like), contains("has 3 columns besides labels, expected 2"));
  CHECK_THAT(error("a,b,c\n7,red,b\n", like), contains("names a column \"a\", expected \"size\""));
  std::string many;
  for (int k = 0; k < 65; ++k) many += "1,c" + std::to_string(k) + "\n";
  CHECK_THAT(error(many, {.categories = true}), contains("x:65: column 1 has more than 64 categories"));
}

}  // namespace test_csv
