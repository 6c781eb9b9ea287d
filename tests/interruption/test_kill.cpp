// Trainings whose process is killed: at random moments, in the midst of a step or of the writing of a checkpoint.
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <eigencoder/io/checkpoint.hpp>
#include <random>
#include <thread>

#include "gradients/model_harness.hpp"
#include "support/temporary_directory.hpp"

using namespace eigencoder;

namespace {

/// Of the process: it is killed in the midst of the last one of so many writes; 0: of none.
int writes_left = 0;

}  // namespace

// The program's own definition comes before the C library's.
extern "C" ssize_t write(int file, const void* bytes, size_t count) {
  static auto* const next = reinterpret_cast<ssize_t (*)(int, const void*, size_t)>(dlsym(RTLD_NEXT, "write"));
  if (writes_left == 0 || --writes_left > 0) return next(file, bytes, count);
  next(file, bytes, count / 2);
  kill(getpid(), SIGKILL);
  return -1;
}

namespace {

using Clock = std::chrono::steady_clock;

struct DenseTraining {
  using Model = Autoencoder<Sequential<Shape{20}, Dense<6, relu>>, Sequential<Shape{6}, Dense<20, sigmoid>>>;
  static constexpr Shape shape{20};
  static auto loss() { return BinaryCrossentropy{}; }
};

struct ConvTraining {
  using Encoder = Sequential<Shape{6, 6, 1}, Conv2D<4, 3, relu, same>, MaxPool2D<2>>;
  using Model = Autoencoder<Encoder, Sequential<Encoder::output, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>>;
  static constexpr Shape shape{6, 6, 1};
  static auto loss() { return MeanSquaredError{}; }
};

struct VariationalTraining {
  using Model = VariationalAutoencoder<Sequential<Shape{20}, Dense<6, relu>, Dropout<0.2>>,
                                       Sequential<Shape{2}, Dense<20, sigmoid>>, 2>;
  static constexpr Shape shape{20};
  static auto loss() { return EvidenceLowerBound<MeanSquaredError>{.beta = LinearWarmUp{.steps = 20}}; }
};

/// What a training ends with, all bits of it: the parameters' hash and the history without the times.
template <class Training>
std::string train(const std::filesystem::path& checkpoint, bool resume, int threads) {
  typename Training::Model model{Seed{1}};
  FitOptions options{.epochs = 12, .batch_size = 32, .validation_split = 0.25, .threads = threads, .progress = false};
  options.corruption = GaussianNoise{.stddev = 0.1};
  options.on_epoch_end = {ReduceLROnPlateau{.factor = 0.5, .patience = 1},
                          EarlyStopping{.min_delta = 1e-3, .patience = 3, .restore_best_weights = true}};
  if (!resume) options.on_epoch_end.push_back(Checkpoint{.path = checkpoint, .every_steps = 2});
  if (resume && std::filesystem::exists(checkpoint)) options.resume = checkpoint;
  const Dataset data = test::smooth_samples(128, Training::shape);
  const History history = fit(model, data, Training::loss(), Adam{.learning_rate = 0.01}, options);
  Hash hash;
  const auto add = [&](const std::vector<double>& values) { hash.add(std::span(values)); };
  add(history.loss);
  add(history.validation_loss);
  add(history.learning_rate);
  for (const auto& [name, values] : history.metrics) add(values);
  return std::to_string(history.epochs()) + " epochs, history " + hash.text() + ", parameters " + parameter_hash(model);
}

bool has_part_of_a_file(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".part") return true;
  return false;
}

struct Kills {
  int all = 0;
  int at_work = 0;        ///< of trainings that were not over yet
  int while_writing = 0;  ///< that left a part of a checkpoint behind
};

/// Trains in a process of its own, kills it after this time, or in the midst of that of its writes, and goes on here.
template <class Training>
void kill_and_resume(const std::string& whole, int threads, std::chrono::microseconds time, int writes, Kills& kills) {
  const test::TemporaryDirectory directory;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    writes_left = writes;
    try {
      train<Training>(directory / "run", false, threads);
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  if (writes == 0) {
    std::this_thread::sleep_for(time);
    kill(child, SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  ++kills.all;
  kills.at_work += WIFSIGNALED(status);
  kills.while_writing += has_part_of_a_file(directory.path());
  CHECK(train<Training>(directory / "run", true, threads) == whole);
}

template <class Training>
void kill_at_random_moments(int moments, int threads, Kills& kills) {
  const test::TemporaryDirectory directory;
  const auto start = Clock::now();
  const std::string whole = train<Training>(directory / "run", false, threads);
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
  CHECK(train<Training>({}, true, threads) == whole);
  std::mt19937 random(1);
  for (int moment = 0; moment < moments; ++moment) {
    const std::chrono::microseconds time(std::uniform_int_distribution<std::int64_t>(0, duration)(random));
    const int writes = moment % 3 == 0 ? std::uniform_int_distribution(1, 10)(random) : 0;
    CAPTURE(moment, threads, time.count(), writes);
    kill_and_resume<Training>(whole, threads, time, writes, kills);
  }
}

}  // namespace

TEST_CASE("a training that is killed at random moments and resumed ends with the same bits") {
  // More on demand, for a night.
  const char* const given = std::getenv("EIGENCODER_TESTS_KILLS");
  const int moments = given != nullptr ? std::atoi(given) : 9;
  Kills kills;
  for (const int threads : {1, 2}) {
    kill_at_random_moments<DenseTraining>(moments, threads, kills);
    kill_at_random_moments<ConvTraining>(moments, threads, kills);
    kill_at_random_moments<VariationalTraining>(moments, threads, kills);
  }
  CAPTURE(kills.all, kills.at_work, kills.while_writing);
  CHECK(kills.at_work >= kills.while_writing);
  CHECK(kills.while_writing >= kills.all / 3);
}
