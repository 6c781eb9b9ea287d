#include <sys/stat.h>

#include <eigencoder/data/csv.hpp>
#include <eigencoder/data/idx.hpp>
#include <eigencoder/data/npy.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <functional>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

TEST_CASE("pipes, devices and directories are refused, not waited for") {
  const test::TemporaryDirectory dir;
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  std::filesystem::create_symlink("pipe", dir / "link");
  using Reader = std::function<void(const std::filesystem::path&)>;
  const std::vector<Reader> readers = {[](const auto& path) { (void)eigencoder::read_idx(path); },
                                       [](const auto& path) { (void)eigencoder::read_idx_labels(path); },
                                       [](const auto& path) { (void)eigencoder::read_npy(path); },
                                       [](const auto& path) { (void)eigencoder::read_csv(path); },
                                       [](const auto& path) { (void)eigencoder::read_safetensors(path); }};
  for (const Reader& read : readers) {
    REQUIRE_THROWS_WITH(read(dir / "pipe"), test::contains("pipe: cannot be opened: not a regular file"));
    REQUIRE_THROWS_WITH(read(dir / "link"), test::contains("link: cannot be opened: not a regular file"));
    REQUIRE_THROWS_WITH(read("/dev/zero"), test::contains("/dev/zero: cannot be opened: not a regular file"));
    REQUIRE_THROWS_WITH(read(dir.path()), test::contains("cannot be opened: is a directory"));
    REQUIRE_THROWS_WITH(read(dir / "missing"), test::contains("missing: cannot be opened: no such file"));
  }
}
