#include <cmath>
#include <eigencoder/data/csv.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

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
  REQUIRE_THAT(error("a,b\n", {.header = true}), contains("has no samples"));
  REQUIRE_THAT(error("a,b\n1,2\n"), contains("x:1: column 0 is \"a\", not a number; if the first line names the "
                                             "columns, read the file with {.header = true}"));
  REQUIRE_THAT(error("1,5;2\n"), contains("\"5;2\", not a number; if that separates columns, read the file with "
                                          "{.separator = ';'}"));
  REQUIRE_THAT(error("1,2\n3,\n"), contains("x:2: column 1 is \"\", not a number; what is missing is written nan"));
  REQUIRE_THAT(error("1,2\n3,NA\n"), contains("\"NA\", not a number; what is missing is written nan"));
  REQUIRE_THAT(error("1,2\n3,\"4\"\n"), contains("not a number; numbers stand without quotation marks"));
  REQUIRE_THAT(error("1,2\n3,\n"), contains("x:2: column 1 is \"\""));
  REQUIRE_THAT(error("1,2\n3,"), contains("x:2: column 1 is \"\""));
  REQUIRE_THAT(error("1,2\n3,4x\n"), contains("x:2: column 1 is \"4x\""));
  REQUIRE_THAT(error("1,2\n3,4,5\n"), contains("x:2: has 3 columns, the first line has 2"));
  REQUIRE_THAT(error("1,2\n", {.label_column = 2}), contains("has no column 2"));
  REQUIRE_THAT(error("1,2\n", {.label_column = -3}), contains("has no column -3"));
  REQUIRE_THAT(error("1,2.5\n", {.label_column = 1}), contains("the label \"2.5\" is not a whole number"));
  REQUIRE_THAT(error("1,1e30\n", {.label_column = 1}), contains("is not a whole number"));
  REQUIRE_THAT(error("1\n2\n", {.label_column = 0}), contains("no column besides the label"));
}
