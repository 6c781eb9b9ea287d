#include <atomic>
#include <eigencoder/eigencoder.hpp>

#include "distributed/thread_ranks.hpp"
#include "support/catch.hpp"

using namespace eigencoder;

namespace {

/// With all that is summed over a batch: gradients, losses, penalties of codes' means and of kernels.
using Model = Autoencoder<Sequential<Shape{20}, Dropout<0.1>, Dense<8, relu, l2(1e-3)>>,
                          Sequential<Shape{8}, Dense<20, sigmoid>>>;
const auto criterion = BinaryCrossentropy{} + KlSparsity{.rho = 0.05, .weight = 1e-3};

Matrix<float> samples() {
  Matrix<float> x(300, 20);
  Random random(Seed{5}, Stream::shuffle);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = random.uniform<float>();
  return x;
}

FitOptions plain_options() {
  return {.epochs = 3, .batch_size = 100, .validation_split = 0.2, .seed = 3, .threads = 2, .progress = false};
}

/// How a training ends: with its parameters and history, or with a sentence.
template <class... Communicator>
std::string ending(const Dataset& data, const FitOptions& options, const Communicator&... communicator) {
  Model model{Seed{1}};
  std::ostringstream text;
  text.precision(17);
  try {
    const History history = fit(model, data, criterion, Adam{.learning_rate = 0.01}, options, communicator...);
    for (const auto* values : {&history.loss, &history.validation_loss, &history.learning_rate})
      for (const double value : *values) text << value << " ";
    for (const auto& [name, values] : history.metrics) text << name << " " << values.back() << " ";
  } catch (const std::runtime_error& error) {
    text << error.what() << " ";
  } catch (const std::invalid_argument& error) {
    text << error.what() << " ";
  }
  return text.str() + parameter_hash(model);
}

/// f(communicator) of each rank.
template <class Function>
std::vector<std::string> on_ranks(int size, const Function& f) {
  std::vector<std::string> results(static_cast<std::size_t>(size));
  ThreadRanks::run(size, [&](const ThreadRanks& ranks) { results[static_cast<std::size_t>(ranks.rank())] = f(ranks); });
  return results;
}

void check_all(const std::vector<std::string>& endings, const std::string& expected) {
  for (const std::string& ending : endings) CHECK(ending == expected);
}

}  // namespace

TEST_CASE("any number of ranks trains as one process does, bit for bit") {
  const Matrix<float> x = samples();
  const std::string expected = ending(x, plain_options());
  for (const int size : {1, 2, 3, 4, 8})
    check_all(on_ranks(size, [&](const ThreadRanks& ranks) { return ending(x, plain_options(), ranks); }), expected);
}

TEST_CASE("where the optimizer's memory is on several ranks, the training is the same") {
  const Matrix<float> x = samples();
  FitOptions sharded = plain_options();
  sharded.shard_optimizer = true;
  std::optional<Snapshot> snapshot;
  sharded.on_epoch_end = {[&](EpochEnd& end) { end.save_at_end([&](const Snapshot& now) { snapshot = now; }); }};
  const auto tensors_of = [&] {
    Hash hash;
    for (const auto& [name, tensor] : snapshot->tensors)
      if (name.find("seconds") == std::string::npos && name.find("samples_per") == std::string::npos)
        std::visit([&](const auto& values) { hash.add(std::span(values)); }, tensor.values);
    return hash.text();
  };
  const std::string expected = ending(x, sharded), saved = tensors_of();
  for (const int size : {2, 3, 4}) {
    check_all(on_ranks(size, [&](const ThreadRanks& ranks) { return ending(x, sharded, ranks); }), expected);
    CHECK(tensors_of() == saved);
  }
  const auto clipped = [&](const FitOptions& options, const auto&... communicator) {
    Model model{Seed{1}};
    fit(model, x, criterion, Adam{.global_clipnorm = 0.05}, options, communicator...);
    return parameter_hash(model);
  };
  check_all(on_ranks(2, [&](const ThreadRanks& ranks) { return clipped(sharded, ranks); }), clipped(sharded));
}

TEST_CASE("the first rank alone calls back, and what it decides all do") {
  const Matrix<float> x = samples();
  const auto with_callbacks = [&](int rank) {
    FitOptions result = plain_options();
    result.epochs = 9;
    result.on_epoch_end = {[rank](EpochEnd& end) {
      if (rank != 0) throw std::logic_error("a callback on rank " + std::to_string(rank));
      if (end.epoch() == 1) end.keep_parameters();
      if (end.epoch() == 2) end.scale_learning_rate(0.5);
      if (end.epoch() == 4) end.stop();
    }};
    return result;
  };
  const std::string expected = ending(x, with_callbacks(0));
  check_all(on_ranks(3, [&](const ThreadRanks& ranks) { return ending(x, with_callbacks(ranks.rank()), ranks); }),
            expected);

  const auto stopped_in_an_epoch = [&](int rank) {
    FitOptions result = plain_options();
    result.on_step_end = {[rank](StepEnd& end) {
      if (rank == 0 && end.step() == 4) end.stop();
    }};
    return result;
  };
  const std::string stopped = ending(x, stopped_in_an_epoch(0));
  check_all(on_ranks(2, [&](const ThreadRanks& ranks) { return ending(x, stopped_in_an_epoch(ranks.rank()), ranks); }),
            stopped);
}

TEST_CASE("all ranks throw the sentence of the one that threw") {
  Matrix<float> x = samples();
  const auto check = [](const Dataset& data, const FitOptions& options, const std::string& part) {
    const std::string expected = ending(data, options);
    CHECK(expected.find(part) != std::string::npos);
    for (const int size : {2, 3})
      check_all(on_ranks(size, [&](const ThreadRanks& ranks) { return ending(data, options, ranks); }), expected);
  };
  SECTION("data") {
    x(170, 3) = std::numeric_limits<float>::quiet_NaN();
    check(x, plain_options(), "sample 170, feature 3 is not finite");
  }
  SECTION("in a step") {
    FitOptions noisy = plain_options();
    noisy.corruption = GaussianNoise{.stddev = 1e38};
    noisy.epochs = 1;
    check(x, noisy, "is not finite");
  }
  SECTION("a callback") {
    FitOptions calling = plain_options();
    calling.on_epoch_end = {[](EpochEnd&) { throw std::runtime_error("the disk is full"); }};
    check(x, calling, "the disk is full");
  }
}

TEST_CASE("each rank makes the samples that it needs, and what one cannot make ends all") {
  const Matrix<float> x = samples();
  std::atomic<bool> is_gone = false;
  const auto data = [&](std::atomic<Index>& made) {
    return Dataset::generated(x.rows(), Shape{20}, [&](std::span<const Index> numbers, std::span<float> rows) {
      for (const Index number : numbers) {
        if (is_gone && number == 99) throw std::runtime_error("sample 99 is gone");
        ++made;
        std::ranges::copy(x.row(number), rows.begin());
        rows = rows.subspan(20);
      }
    });
  };
  std::atomic<Index> all = 0;
  const std::string expected = ending(data(all), plain_options());
  std::array<std::atomic<Index>, 2> made{};
  const auto endings = [&](const FitOptions& options) {
    return on_ranks(2, [&](const ThreadRanks& ranks) {
      return ending(data(made[static_cast<std::size_t>(ranks.rank())]), options, ranks);
    });
  };
  check_all(endings(plain_options()), expected);
  for (const auto& count : made) CHECK(count < all * 2 / 3);

  FitOptions losing = plain_options();
  losing.on_step_end = {[&](StepEnd&) { is_gone = true; }};
  const auto lost = endings(losing);
  CHECK(lost[0].starts_with("sample 99 is gone "));
  CHECK(lost[1] == lost[0]);
}

TEST_CASE("ranks that were told different things say so") {
  const Matrix<float> x = samples();
  const auto endings = on_ranks(3, [&](const ThreadRanks& ranks) {
    FitOptions own = plain_options();
    own.seed = Seed{ranks.rank() == 2 ? 4U : 3U};
    return ending(x, own, ranks);
  });
  for (const std::string& ending : endings)
    CHECK(ending.starts_with("fit: the model, the options and the number of samples differ between the ranks"));
}
