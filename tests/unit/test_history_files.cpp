#include <eigencoder/io/history.hpp>
#include <limits>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_history_files {

using eigencoder::History;

namespace {

History example() {
  History history;
  history.loss = {0.5, 0.25};
  history.validation_loss = {std::numeric_limits<double>::quiet_NaN(), 0.1};
  history.seconds = {1, 2};
  history.learning_rate = {1e-3, 1e-4};
  history.metrics["kl"] = {3.5};
  return history;
}

}  // namespace

TEST_CASE("a history is written as JSON") {
  const test::TemporaryDirectory dir;
  eigencoder::write_history_json(dir / "h.json", example());
  const auto json = nlohmann::json::parse(test::contents(dir / "h.json"));
  REQUIRE(json["loss"] == std::vector<double>{0.5, 0.25});
  REQUIRE(json["validation_loss"][0].is_null());
  REQUIRE(json["kl"][0] == 3.5);
  REQUIRE(json["samples_per_second"].empty());
}

TEST_CASE("a history is written as CSV") {
  const test::TemporaryDirectory dir;
  eigencoder::write_history_csv(dir / "h.csv", example());
  REQUIRE(test::contents(dir / "h.csv") ==
          "epoch,loss,validation_loss,seconds,samples_per_second,learning_rate,kl\n"
          "1,0.5,nan,1,,0.001,3.5\n"
          "2,0.25,0.1,2,,1e-04,\n");
  eigencoder::write_history_csv(dir / "none.csv", History{});
  REQUIRE(test::contents(dir / "none.csv") == "epoch,loss,validation_loss,seconds,samples_per_second,learning_rate\n");
}

}  // namespace test_history_files
