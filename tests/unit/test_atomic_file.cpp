#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <eigencoder/io/atomic_file.hpp>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using eigencoder::write_file;
using test::contains;

namespace {

std::ptrdiff_t entries(const std::filesystem::path& directory) {
  return std::distance(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator());
}

/// No file may grow beyond `bytes`: what a full disk is to a program, for tests that may not mount one.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

}  // namespace

TEST_CASE("a file is written whole, in parts, over an older one") {
  const test::TemporaryDirectory dir;
  write_file(dir / "a", {"one, ", "", "two"});
  REQUIRE(test::contents(dir / "a") == "one, two");
  write_file(dir / "a", {"new"});
  REQUIRE(test::contents(dir / "a") == "new");
  write_file(dir / "empty", {});
  REQUIRE(test::contents(dir / "empty").empty());
  REQUIRE(entries(dir.path()) == 2);
}

TEST_CASE("a write that fails for want of space leaves the old file and nothing else") {
  const test::TemporaryDirectory dir;
  write_file(dir / "a", {"old"});
  const std::string large(1 << 20, 'x');
  {
    const FileSizeLimit limit(1 << 16);
    REQUIRE_THROWS_WITH(write_file(dir / "a", {"new", large}), contains((dir / "a").string()));
    REQUIRE_THROWS_WITH(write_file(dir / "b", {large}), contains("File too large"));
  }
  REQUIRE(test::contents(dir / "a") == "old");
  REQUIRE(entries(dir.path()) == 1);
}

TEST_CASE("a full file system leaves the old file and nothing else") {
  const test::TemporaryDirectory dir;
  // Where no file system may be mounted, a limit on the file's size stands in for the full one.
  const bool mounted = mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=65536") == 0;
  write_file(dir / "a", {"old"});
  const std::string large(1 << 20, 'x');
  std::string message;
  {
    const FileSizeLimit limit(mounted ? RLIM_INFINITY : 1 << 16);
    message = test::message_of<std::runtime_error>([&] { write_file(dir / "a", {large}); });
  }
  const std::string left = test::contents(dir / "a");
  const auto count = entries(dir.path());
  if (mounted) umount2(dir.path().c_str(), MNT_DETACH);
  REQUIRE_THAT(message, contains(mounted ? "No space left" : "File too large"));
  REQUIRE(left == "old");
  REQUIRE(count == 1);
}

TEST_CASE("what cannot be written is named, with the reason") {
  const test::TemporaryDirectory dir;
  REQUIRE_THROWS_WITH(write_file(dir / "no/such/file", {"x"}), contains("no/such/file: No such file or directory"));
  REQUIRE_THROWS_WITH(write_file(dir.path(), {"x"}), contains("not a regular file"));
  REQUIRE_THROWS_AS(write_file("/dev/null", {"x"}), std::runtime_error);  // and it is still a device
  REQUIRE(std::filesystem::is_character_file("/dev/null"));
  test::write(dir / "file", "x");
  REQUIRE_THROWS_WITH(write_file(dir / "file/below", {"x"}), contains("Not a directory"));
}

TEST_CASE("a symbolic link stays one, and its target is written") {
  const test::TemporaryDirectory dir;
  test::write(dir / "target", "old");
  std::filesystem::create_symlink("target", dir / "link");
  write_file(dir / "link", {"new"});
  REQUIRE(std::filesystem::is_symlink(dir / "link"));
  REQUIRE(test::contents(dir / "target") == "new");
}

TEST_CASE("writers of one file at the same time leave one of their contents") {
  const test::TemporaryDirectory dir;
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'e'; ++c) {
    writers.emplace_back([&dir, c] {
      for (int i = 0; i < 5; ++i) write_file(dir / "f", {std::string(100000, c)});
    });
  }
  for (auto& writer : writers) writer.join();
  const std::string content = test::contents(dir / "f");
  REQUIRE(content.size() == 100000);
  REQUIRE(std::count(content.begin(), content.end(), content[0]) == 100000);
  REQUIRE(entries(dir.path()) == 1);
}
