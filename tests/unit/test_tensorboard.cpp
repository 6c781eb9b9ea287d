#include <eigencoder/io/tensorboard.hpp>
#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_tensorboard {

using namespace eigencoder;
using test::contains;

namespace {

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) all.push_back(entry.path());
  return all;
}

/// The records' data; both checksums of each are checked.
std::vector<std::string> records_of(const std::string& file) {
  std::vector<std::string> records;
  for (std::string_view left = file; !left.empty();) {
    std::uint64_t size = 0;
    std::uint32_t checksum = 0;
    REQUIRE(left.size() >= 16);
    std::memcpy(&size, left.data(), 8);
    std::memcpy(&checksum, left.data() + 8, 4);
    REQUIRE(checksum == detail::masked_crc32c(left.substr(0, 8)));
    REQUIRE(left.size() >= 16 + size);
    const std::string_view data = left.substr(12, size);
    std::memcpy(&checksum, left.data() + 12 + size, 4);
    REQUIRE(checksum == detail::masked_crc32c(data));
    records.emplace_back(data);
    left.remove_prefix(16 + size);
  }
  return records;
}

}  // namespace

TEST_CASE("CRC-32C is that of its published example, masked") {
  // RFC 3720, B.4: 32 bytes of zeros have 0x8a9136aa.
  REQUIRE(detail::masked_crc32c(std::string(32, '\0')) == std::rotr(0x8a9136aau, 15) + 0xa282ead8u);
}

TEST_CASE("fields are written as protobuf's documentation has them") {
  // "Encoding": field 1 with 150 is 08 96 01, field 2 with "testing" is 12 07 and the text.
  REQUIRE(detail::ProtobufMessage().integer(1, 150).bytes() == "\x08\x96\x01");
  REQUIRE(detail::ProtobufMessage().text(2, "testing").bytes() == "\x12\x07testing");
  REQUIRE(detail::ProtobufMessage().number(2, 1.0f).bytes() == std::string("\x15\x00\x00\x80\x3f", 5));
}

TEST_CASE("an epoch's losses, metrics and pictures become events") {
  const test::TemporaryDirectory dir;
  TensorBoard board{.directory = dir / "runs",
                    .pictures = {{"dot", [] { return Canvas(3, 2, Color{9, 9, 9}); }}},
                    .picture_every = 2};
  History history;
  history.metrics["kl"] = {};
  for (int epoch = 0; epoch < 3; ++epoch) {
    history.loss.push_back(0.5 / (epoch + 1));
    history.learning_rate.push_back(1e-3);
    history.metrics["kl"].push_back(2);
    EpochEnd end(history, 1e-3);
    board(end);
  }
  const auto files = files_in(dir / "runs");
  REQUIRE(files.size() == 1);
  REQUIRE_THAT(files[0].filename().string(), contains("tfevents"));
  const auto records = records_of(test::contents(files[0]));
  REQUIRE(records.size() == 1 + 3 * 3 + 2);
  REQUIRE_THAT(records[0], contains("brain.Event:2"));
  REQUIRE_THAT(records[1], contains("loss") && contains(std::string("\x15\x00\x00\x00\x3f", 5)));
  REQUIRE_THAT(records[4], contains("dot") && contains("PNG"));
  // Another training has a file of its own.
  TensorBoard other{.directory = dir / "runs"};
  EpochEnd end(history, 1e-3);
  other(end);
  REQUIRE(files_in(dir / "runs").size() == 2);
}

TEST_CASE("some steps' losses become events, too") {
  const test::TemporaryDirectory dir;
  TensorBoard board{.directory = dir / "runs", .every_steps = 2};
  const StepResult result{0.5, {}};
  for (Index step = 1; step <= 5; ++step) {
    StepEnd end(result, 0, step, 16 * step, 1e-3);
    board.on_step_end(end);
  }
  const auto records = records_of(test::contents(files_in(dir / "runs").at(0)));
  REQUIRE(records.size() == 1 + 2 * 2);
  REQUIRE_THAT(records[1],
               contains("step/loss") && contains("\x10\x02") && contains(std::string("\x15\x00\x00\x00\x3f", 5)));
  REQUIRE_THAT(records[4], contains("step/learning_rate") && contains("\x10\x04"));
}

TEST_CASE("where no file can be written the error names it") {
  History history;
  history.loss = {1};
  EpochEnd end(history, 1e-3);
  const test::TemporaryDirectory dir;
  std::ofstream(dir / "file") << "x";
  REQUIRE_THROWS_WITH(TensorBoard{.directory = dir / "file"}(end), contains("file"));
}

}  // namespace test_tensorboard
