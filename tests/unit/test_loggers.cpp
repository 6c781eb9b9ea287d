#include <eigencoder/io/checkpoint.hpp>
#include <eigencoder/io/loggers.hpp>
#include <eigencoder/io/model_checkpoint.hpp>
#include <sstream>

#include "gradients/model_harness.hpp"
#include "support/temporary_directory.hpp"

namespace test_loggers {

using namespace eigencoder;

namespace {

using Model = Autoencoder<Sequential<Shape{20}, Dense<7, relu>>, Sequential<Shape{7}, Dense<20, sigmoid>>>;

History train(Model& model, FitOptions options) {
  options.batch_size = 16;
  options.threads = 1;
  options.progress = false;
  const Dataset data = test::smooth_samples(64, Shape{20});
  return fit(model, data, BinaryCrossentropy{} + L1Activity{.weight = 1e-4}, Adam{.learning_rate = 0.05}, options);
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::istringstream text(test::contents(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

struct Mine : std::exception {};

/// Writes down when it is called.
struct Told {
  std::string name;
  std::string& calls;

  void operator()(EpochEnd& end) const {
    calls += name + "e ";
    end.save([this](const Snapshot&) { calls += name + "s "; });
  }
  void on_step_end(StepEnd& end) const {
    calls += name + std::to_string(end.samples()) + " ";
    if (end.step() == 2) end.save([this](const Snapshot&) { calls += name + "s "; });
  }
};

}  // namespace

TEST_CASE("callbacks are called in their order, steps before epochs, and saves come last") {
  Model model{Seed{1}};
  std::string calls;
  const auto step = [&](StepEnd& end) { calls += "(" + std::to_string(end.step()) + ") "; };
  train(model, {.on_epoch_end = {Told{"a", calls}, [&](EpochEnd&) { calls += "be "; }, Told{"c", calls}},
                .on_step_end = {step}});
  CHECK(calls == "(1) a16 c16 (2) a32 c32 as cs (3) a48 c48 (4) a64 c64 ae be ce as cs ");
}

TEST_CASE("a line an epoch is there at once, as CSV and as JSON, those before a resumed training too") {
  const test::TemporaryDirectory dir;
  const Callbacks loggers = {CsvLogger{.path = dir / "h.csv"}, JsonLines{.path = dir / "h.jsonl"}};
  FitOptions options{.epochs = 3, .validation_split = 0.25, .on_epoch_end = loggers};
  options.on_epoch_end.push_back(Checkpoint{.path = dir / "run"});
  options.on_epoch_end.push_back([&](EpochEnd& end) {
    CHECK(lines_of(dir / "h.csv").size() == end.history().epochs() + 1);
    CHECK(lines_of(dir / "h.jsonl").size() == end.history().epochs());
  });
  Model model{Seed{1}};
  train(model, options);
  options.epochs = 5;
  options.resume = dir / "run";
  const History history = train(model, options);

  write_history_csv(dir / "whole.csv", history);
  CHECK(test::contents(dir / "h.csv") == test::contents(dir / "whole.csv"));
  const auto lines = lines_of(dir / "h.jsonl");
  REQUIRE(lines.size() == 5);
  for (std::size_t epoch = 0; epoch < lines.size(); ++epoch) {
    const auto json = nlohmann::json::parse(lines[epoch]);
    CHECK(json["epoch"] == epoch + 1);
    CHECK(json["loss"] == history.loss[epoch]);
    CHECK(json["validation_loss"] == history.validation_loss[epoch]);
    CHECK(json["l1_activity"] == history.metrics.at("l1_activity")[epoch]);
  }
  CHECK_THROWS_WITH(train(model, {.on_epoch_end = {CsvLogger{.path = dir / "none" / "h.csv"}}}),
                    test::contains("h.csv: No such file"));
}

TEST_CASE("the best model is saved, and that of every n-th epoch") {
  const test::TemporaryDirectory dir;
  std::vector<std::vector<float>> parameters;
  Model model{Seed{1}};
  // The loss rises again when the rate becomes too large.
  const History history = train(
      model, {.epochs = 7,
              .on_epoch_end = {ModelCheckpoint{.path = dir / "best", .save_best_only = true, .monitor = "loss"},
                               ModelCheckpoint{.path = dir / "{epoch}.safetensors", .every = 3}, [&](EpochEnd& end) {
                                 parameters.emplace_back(model.parameters().begin(), model.parameters().end());
                                 end.scale_learning_rate(3);
                               }}});
  const auto best = std::ranges::min_element(history.loss) - history.loss.begin();
  CHECK(best < 6);
  const auto saved = [&](const std::string& name) {
    Model loaded;
    load(loaded, dir / name);
    return std::vector<float>(loaded.parameters().begin(), loaded.parameters().end());
  };
  CHECK(saved("best") == parameters[static_cast<std::size_t>(best)]);
  CHECK(saved("3.safetensors") == parameters[2]);
  CHECK(saved("6.safetensors") == parameters[5]);
  CHECK(!std::filesystem::exists(dir / "1.safetensors"));
}

TEST_CASE("a callback that throws leaves a model that can be used and trained on") {
  Model model{Seed{1}}, twin{Seed{1}};
  std::vector<float> last;
  const auto throws = [&](StepEnd& end) {
    last.assign(model.parameters().begin(), model.parameters().end());
    if (end.step() == 6) throw Mine{};
  };
  CHECK_THROWS_AS(train(model, {.epochs = 3, .on_step_end = {throws}}), Mine);
  CHECK(std::ranges::equal(model.parameters(), last));
  CHECK_THROWS_AS(train(twin, {.epochs = 3, .on_epoch_end = {[](EpochEnd&) { throw Mine{}; }}}), Mine);
  for (Model* const each : {&model, &twin}) {
    const double before = each->reconstruction_error(test::smooth_samples(64, Shape{20}), MeanSquaredError{}).mean();
    train(*each, {.epochs = 5});
    CHECK(each->reconstruction_error(test::smooth_samples(64, Shape{20}), MeanSquaredError{}).mean() < before);
  }
}

}  // namespace test_loggers
