#include <eigencoder/data/npz.hpp>
#include <functional>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_npz {

using eigencoder::npz_names;
using eigencoder::read_npz;
using eigencoder::read_npz_labels;
using eigencoder::Shape;
using test::contains;

namespace {

const std::filesystem::path seeds = std::filesystem::path(TESTS_DIR) / "fuzz" / "seeds" / "npz";

}  // namespace

TEST_CASE("arrays and labels of a NumPy archive are read, stored or deflated") {
  const std::string kind = GENERATE("stored", "deflated");
  REQUIRE(npz_names(seeds / kind) == std::vector<std::string>{"X", "y"});
  const auto rows = read_npz(seeds / kind);
  REQUIRE(rows.size() == 2);
  REQUIRE(rows.shape() == Shape{1});
  REQUIRE(rows.matrix<float>()(1, 0) == 2);
  REQUIRE(read_npz_labels(seeds / kind) == std::vector<int>{0, 1});
  REQUIRE(read_npz_labels(seeds / kind, "X") == std::vector<int>{1, 2});
}

TEST_CASE("a bad NumPy archive is refused with its name and what is wrong") {
  const test::TemporaryDirectory dir;
  const std::string good = test::contents(seeds / "deflated");
  const auto error = [&](const std::string& bytes) {
    test::write(dir / "x", bytes);
    return test::message_of<std::runtime_error>([&] { (void)read_npz(dir / "x"); });
  };
  REQUIRE_THROWS_WITH(read_npz(dir / "missing"), contains("missing: cannot be opened"));
  REQUIRE_THROWS_WITH(read_npz(seeds / "stored", "Z"), contains("stored: has no array Z; it has X, y"));
  REQUIRE_THAT(error(""), contains("x: is no ZIP archive"));
  REQUIRE_THAT(error("1,2,3\n4,5,6\nand more than that"), contains("is no ZIP archive"));
  REQUIRE_THAT(error(good.substr(0, good.size() - 1)), contains("is no ZIP archive"));
  REQUIRE_THAT(error(good.substr(1)), contains("is no ZIP archive, or a damaged one"));
  std::string damaged = good;
  damaged[60] = static_cast<char>(damaged[60] ^ 1);
  REQUIRE_THAT(error(damaged), contains("is damaged"));
}

TEST_CASE("no change of a byte of a NumPy archive does more than be refused") {
  const test::TemporaryDirectory dir;
  const std::string good = test::contents(seeds / GENERATE("stored", "deflated"));
  for (std::size_t place = 0; place < good.size(); ++place) {
    std::string bytes = good;
    bytes[place] = static_cast<char>(~bytes[place]);
    test::write(dir / "x", bytes);
    std::ptrdiff_t size = 2;  // as with another date or the like
    const std::string error = test::message_of<std::runtime_error>([&] { size = read_npz(dir / "x").size(); });
    REQUIRE(size == 2);
    if (!error.empty()) REQUIRE_THAT(error, contains("x: "));
  }
}

}  // namespace test_npz
