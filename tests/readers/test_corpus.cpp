#include <eigencoder/data/npy.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace {

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

bool accepts(const std::string& format, const std::filesystem::path& path) {
  try {
    if (format == "npy") {
      (void)eigencoder::read_npy(path);
    } else {
      (void)eigencoder::read_safetensors(path);
    }
    return true;
  } catch (const std::runtime_error& error) {
    REQUIRE_THAT(error.what(), test::contains(path.string() + ": "));
    return false;
  }
}

}  // namespace

TEST_CASE("NumPy's and safetensors' files are accepted and refused as they accept and refuse them, but for a reason") {
  const test::TemporaryDirectory dir;
  const auto corpus = nlohmann::json::parse(std::ifstream(std::string(TESTS_DIR) + "/readers/corpus.json"));
  REQUIRE(corpus.size() > 100);
  for (const auto& file : corpus) {
    const std::string name = file["name"];
    INFO(file["format"] << ": " << name);
    CHECK(accepts(file["format"], test::write(dir / "x", bytes_of(file["hex"]))) == file["ours"]);
    CHECK(file.contains("why") == (file["ours"] != file["reference"]));
    CHECK((file["reference"] || !file["ours"]));  // where we differ, we are stricter
  }
}
