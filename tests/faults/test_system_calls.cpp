#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/checkpoint.hpp>
#include <functional>
#include <optional>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace eigencoder;

namespace {

/// Which of the system calls below fails, and how. They are counted while this is set.
struct Fault {
  int number = 0;         ///< of the call that fails, counted from 0
  bool for_good = false;  ///< all that write to the disk fail from there on
  int error = EIO;
  int calls = 0;
  std::string failed{};  ///< the first call that did
};
std::optional<Fault> fault;

bool fails(const char* name, bool writes = false) {
  if (!fault) return false;
  const int number = fault->calls++;
  if (number != fault->number && !(fault->for_good && writes && number > fault->number)) return false;
  if (fault->failed.empty()) fault->failed = name;
  errno = fault->error;
  return true;
}

template <class Call>
Call* next(Call*, const char* name) {
  return reinterpret_cast<Call*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// The program's own definitions come before the C library's.
extern "C" {
int open(const char* path, int flags, ...) {
  if (fails("open")) return -1;
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return next(open, "open")(path, flags, mode);
}
int stat(const char* path, struct stat* out) noexcept { return fails("stat") ? -1 : next(stat, "stat")(path, out); }
int lstat(const char* path, struct stat* out) noexcept { return fails("lstat") ? -1 : next(lstat, "lstat")(path, out); }
int fstat(int file, struct stat* out) noexcept { return fails("fstat") ? -1 : next(fstat, "fstat")(file, out); }
int flock(int file, int operation) noexcept { return fails("flock") ? -1 : next(flock, "flock")(file, operation); }
int fchown(int file, uid_t user, gid_t group) noexcept {
  return fails("fchown") ? -1 : next(fchown, "fchown")(file, user, group);
}
int fchmod(int file, mode_t mode) noexcept { return fails("fchmod", true) ? -1 : next(fchmod, "fchmod")(file, mode); }
ssize_t write(int file, const void* bytes, size_t count) {
  return fails("write", true) ? -1 : next(write, "write")(file, bytes, count);
}
int fsync(int file) { return fails("fsync", true) ? -1 : next(fsync, "fsync")(file); }
int rename(const char* from, const char* to) noexcept {
  return fails("rename", true) ? -1 : next(rename, "rename")(from, to);
}
int close(int file) {
  const int result = next(close, "close")(file);  // which closes it even if it says that it failed
  return fails("close") ? -1 : result;
}
}

namespace {

using Model = Autoencoder<Sequential<Shape{6}, Dense<3, relu>>, Sequential<Shape{3}, Dense<6>>>;

std::ptrdiff_t entries(const std::filesystem::path& directory) {
  return std::distance(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator());
}

/// What writes a model: as itself, or as part of a training's snapshot.
using Save = std::function<void(const Model&, const std::filesystem::path&)>;
const Save save_model = [](const Model& model, const std::filesystem::path& path) { save(model, path); };
const Save save_snapshot = [](const Model& model, const std::filesystem::path& path) {
  Snapshot snapshot;
  training::Storing(snapshot).parameters("", Model::tensors(), model.parameters());
  write_checkpoint(path, snapshot);
};

/// The message of a save with a fault; "" if there was none.
std::string save_with(const Save& save, const Model& model, const std::filesystem::path& path, Fault& with) {
  fault = with;
  std::string message;
  try {
    save(model, path);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  with = *fault;
  fault.reset();
  return message;
}

}  // namespace

TEST_CASE("whatever system call of a save fails, the old file or the new one is whole and nothing else is left") {
  const test::TemporaryDirectory dir;
  const auto path = dir / "m.safetensors";
  const Model old{Seed{1}};
  const Model changed{Seed{2}};
  const Save save = GENERATE(save_model, save_snapshot);
  save(changed, dir / "new");
  save(old, path);
  const std::string new_bytes = test::contents(dir / "new");
  const std::string old_bytes = test::contents(path);
  std::filesystem::remove(dir / "new");
  const auto descriptors = entries("/proc/self/fd");

  const bool is_there = GENERATE(true, false);
  const bool for_good = GENERATE(false, true);
  const int error = GENERATE(EIO, ENOSPC);
  std::string calls;
  for (int number = 0;; ++number) {
    if (is_there) {
      test::write(path, old_bytes);
      std::filesystem::permissions(path, std::filesystem::perms(0644));
    } else {
      std::filesystem::remove(path);
    }
    Fault with{number, for_good, error};
    const std::string message = save_with(save, changed, path, with);
    calls += with.failed + " ";
    INFO(calls << message);
    REQUIRE(entries("/proc/self/fd") == descriptors);
    const bool is_new = std::filesystem::exists(path) && test::contents(path) == new_bytes;
    if (message.empty()) {
      REQUIRE(is_new);
    } else {
      REQUIRE_THAT(message, test::contains(path.string()) && test::contains(std::generic_category().message(error)));
      // The directory alone is not on the disk: the new file is there, and the message says so.
      if (is_new) REQUIRE_THAT(message, test::contains("is written, but"));
      if (!is_new && is_there) REQUIRE(test::contents(path) == old_bytes);
      if (!is_new && !is_there) REQUIRE(!std::filesystem::exists(path));
    }
    REQUIRE(entries(dir.path()) == (std::filesystem::exists(path) ? 1 : 0));
    if (with.failed.empty()) break;
    // Nothing depends on these: a file that is on the disk is closed, locks are not everywhere.
    REQUIRE((!message.empty() || with.failed == "close" || with.failed == "flock"));
  }
  CAPTURE(calls);
  for (const char* const call : {"open", "stat", "flock", "write", "fsync", "rename", "close"})
    REQUIRE_THAT(calls, test::contains(call));
  if (is_there) REQUIRE_THAT(calls, test::contains("fchmod"));
}

TEST_CASE("a write that is interrupted or short goes on") {
  const test::TemporaryDirectory dir;
  const Model model{Seed{1}};
  save(model, dir / "a");
  bool interrupted = false;
  for (int number = 0; number < 100; ++number) {
    Fault with{number, false, EINTR};
    const std::string message = save_with(save_model, model, dir / "b", with);
    if (with.failed != "write") continue;
    interrupted = true;
    REQUIRE(message.empty());
    REQUIRE(test::contents(dir / "b") == test::contents(dir / "a"));
  }
  REQUIRE(interrupted);
}
