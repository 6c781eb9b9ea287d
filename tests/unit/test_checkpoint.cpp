#include <eigencoder/io/checkpoint.hpp>

#include "gradients/model_harness.hpp"
#include "support/temporary_directory.hpp"

namespace test_checkpoint {

using namespace eigencoder;

namespace {

using Model = VariationalAutoencoder<Sequential<Shape{20}, Dense<6, relu>, Dropout<0.2>>,
                                     Sequential<Shape{2}, Dense<20, sigmoid>>, 2>;

struct Killed : std::exception {};

/// A training in which everything has a state: 5 steps an epoch, ended early.
struct Training {
  test::TemporaryDirectory directory{};
  std::filesystem::path file = directory / "run.safetensors";
  Dataset data = test::smooth_samples(96, Shape{20});
  EvidenceLowerBound<MeanSquaredError> loss{.beta = LinearWarmUp{.steps = 20}};
  Adam optimizer{.learning_rate = CosineDecay{.initial_learning_rate = 0.05, .decay_steps = 50}};
  FitOptions options{.epochs = 12, .batch_size = 16, .validation_split = 0.25, .threads = 2, .progress = false};
  Model model{Seed{1}};

  Training() {
    options.corruption = GaussianNoise{.stddev = 0.1};
    options.on_epoch_end = {ReduceLROnPlateau{.factor = 0.5, .patience = 1},
                            EarlyStopping{.min_delta = 0.01, .patience = 2, .restore_best_weights = true}};
  }

  History run() { return fit(model, data, loss, optimizer, options); }

  /// Like that, but as if the process ended right after this step: what it does not leave in the file is lost.
  void run_until(Index step) {
    const FitOptions before = options;
    // The first of the callbacks: what it saves must have the memory of those behind it all the same.
    options.on_epoch_end.insert(options.on_epoch_end.begin(), Checkpoint{.path = file, .every_steps = step});
    options.on_step_end.push_back([step](StepEnd& end) {
      if (end.step() > step) throw Killed{};
    });
    CHECK_THROWS_AS(run(), Killed);
    options = before;
    options.resume = file;
    model = Model{Seed{99}};
  }

  /// What is said of a checkpoint that is refused; the model stays as it was.
  std::string refusal() {
    const Model before = model;
    const std::string message = test::message_of<std::runtime_error>([&] { run(); });
    CHECK(std::ranges::equal(model.parameters(), before.parameters()));
    return message;
  }
};

bool alike(const History& a, const History& b) {
  return a.loss == b.loss && a.validation_loss == b.validation_loss && a.learning_rate == b.learning_rate &&
         a.metrics == b.metrics && a.seconds.size() == b.seconds.size();
}

}  // namespace

TEST_CASE("a training that is interrupted anywhere and resumed ends as if it had not been") {
  Training whole;
  const History history = whole.run();
  CAPTURE(history.validation_loss, history.learning_rate);
  CHECK(history.epochs() < 12);
  CHECK(history.learning_rate.back() < 0.02);
  for (Index step = 1; step < static_cast<Index>(5 * history.epochs()); ++step) {
    INFO("interrupted after step " << step);
    Training training;
    training.run_until(step);
    CHECK(alike(training.run(), history));
    CHECK(std::ranges::equal(training.model.parameters(), whole.model.parameters()));
  }
}

TEST_CASE("a training that was ended is not gone on with, one that had no more epochs is") {
  Training training;
  training.options.on_epoch_end.push_back(Checkpoint{.path = training.file, .every = 100});
  const History history = training.run();
  const std::string hash = parameter_hash(training.model);
  training.options.resume = training.file;
  training.model = Model{Seed{99}};
  CHECK(alike(training.run(), history));
  CHECK(parameter_hash(training.model) == hash);

  Training short_one, whole;
  short_one.options.on_epoch_end = {Checkpoint{.path = short_one.file, .every = 2}};
  short_one.options.epochs = 3;
  CHECK(short_one.run().epochs() == 3);
  whole.options.on_epoch_end = {};
  whole.options.epochs = short_one.options.epochs = 5;
  short_one.options.resume = short_one.file;
  CHECK(alike(short_one.run(), whole.run()));
  CHECK(parameter_hash(short_one.model) == parameter_hash(whole.model));
}

TEST_CASE("a training can be asked to save and to stop in the midst of an epoch") {
  Training training, whole;
  bool wanted = false;
  training.options.on_step_end = {[&](StepEnd& end) { wanted = end.step() == 7; }};
  training.options.on_epoch_end.push_back(
      Checkpoint{.path = training.file, .every = 0, .stop_when = [&] { return wanted; }});
  CHECK(training.run().epochs() == 1);
  training.options.resume = training.file;
  training.options.on_step_end = {};
  wanted = false;
  CHECK(alike(training.run(), whole.run()));
  CHECK(parameter_hash(training.model) == parameter_hash(whole.model));
}

TEST_CASE("a checkpoint of another training is refused with what differs") {
  Training training;
  training.run_until(7);
  const auto refused = [&](const std::string& message) {
    CHECK_THAT(training.refusal(), test::contains(training.file.string() + ": is a checkpoint of another training") &&
                                       test::contains(message));
  };
  SECTION("options") {
    training.options.batch_size = 8;
    training.options.seed = 5;
    training.options.shuffle = false;
    training.options.threads = 1;
    const std::string message = training.refusal();
    CHECK_THAT(message, test::contains("batch_size: 16 in the file, 8 here"));
    CHECK_THAT(message, test::contains("seed: 0 in the file, 5 here"));
    CHECK_THAT(message, test::contains("shuffle: true in the file, false here"));
  }
  SECTION("noise") {
    training.options.corruption = GaussianNoise{.stddev = 0.2};
    refused("corruption: hash");
    training.options.corruption = {};
    refused("none here");
  }
  SECTION("data") {
    Matrix<float> other = training.data.matrix<float>();
    other(3, 4) += 0.001f;
    training.data = Dataset(Matrix<float>(other));
    refused("data: 72 samples, hash");
  }
  SECTION("weights") {
    training.options.sample_weights = Eigen::VectorXd::Constant(96, 0.5);
    refused("sample_weights: none in the file, hash");
  }
  SECTION("split") {
    training.options.validation_split = 0.5;
    refused("data: 72 samples");
  }
  SECTION("optimizer") {
    training.optimizer.beta_1 = 0.8;
    refused("optimizer's hyper-parameters: hash");
  }
  SECTION("clipping") {
    training.optimizer.clipnorm = 1;
    refused("clipnorm 1 here");
  }
  SECTION("learning rate") {
    training.optimizer.learning_rate = 0.05;
    refused("the learning rate of step 7 is");
  }
  SECTION("loss") {
    training.loss.free_bits = 0.5;
    refused("the loss, whose value for the first samples is");
  }
  SECTION("callbacks") {
    training.options.on_epoch_end.pop_back();
    refused("callbacks with a memory: 2 in the file, 1 here");
    training.options.on_epoch_end.push_back(ReduceLROnPlateau{});
    CHECK_THAT(training.refusal(), test::contains("callback.1 remembers 2 numbers in the file, 3 here"));
  }
  SECTION("model") {
    using Other = VariationalAutoencoder<Sequential<Shape{20}, Dense<6, eigencoder::tanh>, Dropout<0.2>>,
                                         Sequential<Shape{2}, Dense<20, sigmoid>>, 2>;
    Other other{Seed{1}};
    const std::string message = test::message_of<std::runtime_error>(
        [&] { fit(other, training.data, training.loss, training.optimizer, training.options); });
    CHECK_THAT(message, test::contains("architecture: encoder.0 Dense relu (20) -> (6) in the file, encoder.0 Dense "
                                       "tanh (20) -> (6) here"));
  }
}

TEST_CASE("a checkpoint with any byte changed or missing is refused, and so is another file") {
  const test::TemporaryDirectory directory;
  const auto file = directory / "run.safetensors";
  write_checkpoint(file, {.settings = {{"seed", "1"}},
                          .tensors = {{"a", {{2}, std::vector<float>{1, 2}}}, {"b", {{}, std::vector<double>{3}}}}});
  const Snapshot snapshot = read_checkpoint(file);
  CHECK(snapshot.settings.at("seed") == "1");
  CHECK(std::get<std::vector<float>>(snapshot.tensors.at("a").values) == std::vector<float>{1, 2});
  CHECK(std::get<std::vector<double>>(snapshot.tensors.at("b").values) == std::vector<double>{3});

  const std::string bytes = test::contents(file);
  const auto refuses = [&](const std::string& changed) {
    std::ofstream(file, std::ios::binary) << changed;
    const std::string message = test::message_of<std::runtime_error>([&] { (void)read_checkpoint(file); });
    return message.starts_with(file.string() + ": ") && message.size() > file.string().size() + 10;
  };
  int accepted = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int change : {1, 0xff}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ change);
      accepted += !refuses(changed);
    }
  for (std::size_t size = 0; size < bytes.size(); ++size) accepted += !refuses(bytes.substr(0, size));
  accepted += !refuses(bytes + '\0');
  CHECK(accepted == 0);
  CHECK(!refuses(bytes));

  save(Model{}, file);
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)read_checkpoint(file); }),
             test::contains("is no checkpoint, or not of this version of the library"));
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)read_checkpoint(directory / "none"); }),
             test::contains("no such file"));
}

TEST_CASE("a checkpoint that cannot be written ends the training with a clear error, the older one whole") {
  Training training;
  training.run_until(7);
  const std::string older = test::contents(training.file);
  training.options.on_epoch_end.push_back(Checkpoint{.path = training.directory / "none" / "run.safetensors"});
  CHECK_THAT(test::message_of<std::runtime_error>([&] { training.run(); }),
             test::contains("cannot write") && test::contains("No such file or directory"));
  CHECK(test::contents(training.file) == older);
  // The model is that of the last step, and can be trained on.
  CHECK(std::ranges::all_of(training.model.parameters(), [](float p) { return std::isfinite(p); }));
  training.options.on_epoch_end.pop_back();
  CHECK(training.run().epochs() > 3);
}

}  // namespace test_checkpoint
