#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <eigencoder/io/atomic_file.hpp>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_atomic_file {

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

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

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

TEST_CASE("a symbolic link to a file that is not there yet, or over others, stays one") {
  const test::TemporaryDirectory dir;
  std::filesystem::create_directory(dir / "below");
  std::filesystem::create_symlink("below/target", dir / "second");
  std::filesystem::create_symlink("second", dir / "first");
  write_file(dir / "first", {"new"});
  REQUIRE(std::filesystem::is_symlink(dir / "first"));
  REQUIRE(std::filesystem::is_symlink(dir / "second"));
  REQUIRE(test::contents(dir / "below/target") == "new");
  write_file(dir / "first", {"newer"});
  REQUIRE(test::contents(dir / "below/target") == "newer");
  REQUIRE(entries(dir / "below") == 1);
  std::filesystem::create_symlink("loop", dir / "loop");
  REQUIRE_THROWS_WITH(write_file(dir / "loop", {"x"}), contains("symbolic links"));
  std::filesystem::create_symlink("no/such/directory", dir / "nowhere");
  REQUIRE_THROWS_WITH(write_file(dir / "nowhere", {"x"}), contains("No such file or directory"));
}

TEST_CASE("a file keeps its permissions and its owner; a new one has what the mask allows") {
  const test::TemporaryDirectory dir;
  for (const mode_t mode : {0600u, 0640u, 0666u, 0444u, 0755u}) {
    write_file(dir / "a", {"old"});
    REQUIRE(chmod((dir / "a").c_str(), mode) == 0);
    write_file(dir / "a", {"new"});
    REQUIRE(mode_of(dir / "a") == mode);
    std::filesystem::remove(dir / "a");
  }
  const mode_t mask = umask(027);
  write_file(dir / "b", {"new"});
  umask(mask);
  REQUIRE(mode_of(dir / "b") == 0640);
  if (chown((dir / "b").c_str(), 12345, 23456) == 0) {  // only root may
    write_file(dir / "b", {"newer"});
    struct stat status {};
    REQUIRE(stat((dir / "b").c_str(), &status) == 0);
    REQUIRE(status.st_uid == 12345);
    REQUIRE(status.st_gid == 23456);
    REQUIRE(mode_of(dir / "b") == 0640);
  }
}

TEST_CASE("a name as long as the file system allows is written") {
  const test::TemporaryDirectory dir;
  const std::string name(255, 'n');
  write_file(dir / name, {"old"});
  write_file(dir / name, {"new"});
  REQUIRE(test::contents(dir / name) == "new");
  REQUIRE_THROWS_WITH(write_file(dir / (name + "n"), {"x"}), contains("File name too long"));
  REQUIRE(entries(dir.path()) == 1);
}

TEST_CASE("what a killed process left is removed by the next that writes there, and nothing else is") {
  const test::TemporaryDirectory dir;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const eigencoder::detail::TemporaryFile file(dir.path(), 0600);
    (void)!write(ready[1], "x", 1);
    alarm(60);  // should the parent fail
    for (;;) pause();
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  for (const char* const name : {".eigencoder-.part", ".eigencoder-1.part.gz", ".eigencoder-1x.part", "a.part"})
    test::write(dir / name, "a user's");
  std::filesystem::create_directory(dir / ".eigencoder-7.part");
  std::filesystem::create_symlink("a.part", dir / ".eigencoder-8.part");
  REQUIRE(mkfifo((dir / ".eigencoder-9.part").c_str(), 0600) == 0);

  write_file(dir / "m", {"while the other lives"});
  REQUIRE(entries(dir.path()) == 9);
  REQUIRE(std::filesystem::exists(dir / ".eigencoder-0.part"));
  kill(child, SIGKILL);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  write_file(dir / "m", {"new"});
  REQUIRE(entries(dir.path()) == 8);
  REQUIRE(!std::filesystem::exists(dir / ".eigencoder-0.part"));
  REQUIRE(test::contents(dir / "a.part") == "a user's");
  close(ready[0]);
  close(ready[1]);
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

}  // namespace test_atomic_file
