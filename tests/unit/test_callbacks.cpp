#include <eigencoder/eigencoder.hpp>

#include "gradients/model_harness.hpp"

namespace test_callbacks {

using namespace eigencoder;

namespace {

using Model = Autoencoder<Sequential<Shape{20}, Dense<7, relu>>, Sequential<Shape{7}, Dense<20, sigmoid>>>;

struct Answer {
  double rate;
  bool stopped;
};

/// What a callback asks for after each of the epochs whose validation losses are these.
template <class Callback>
std::vector<Answer> answers(Callback callback, std::initializer_list<double> losses) {
  History history;
  std::vector<Answer> all;
  for (const double loss : losses) {
    history.loss.push_back(0);
    history.validation_loss.push_back(loss);
    EpochEnd end(history, all.empty() ? 1 : all.back().rate);
    callback(end);
    all.push_back({end.learning_rate(), end.stopped()});
  }
  return all;
}

template <class Callback>
std::vector<double> rates(Callback callback, std::initializer_list<double> losses) {
  std::vector<double> result;
  for (const Answer& answer : answers(callback, losses)) result.push_back(answer.rate);
  return result;
}

/// The first epoch, from 0, that a callback stops after; -1: none.
template <class Callback>
int stop(Callback callback, std::initializer_list<double> losses) {
  const auto all = answers(callback, losses);
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all[k].stopped) return static_cast<int>(k);
  return -1;
}

FitOptions quiet(Callbacks callbacks) {
  FitOptions quiet_options{.epochs = 8, .batch_size = 16, .threads = 1, .progress = false};
  quiet_options.on_epoch_end = std::move(callbacks);
  return quiet_options;
}

struct Mine : std::exception {};

/// Throws once it is armed.
struct ThrowingNoise {
  std::shared_ptr<bool> armed;

  template <class Scalar>
  void apply(std::span<Scalar>, std::ptrdiff_t, std::ptrdiff_t, const Philox&) const {
    if (*armed) throw Mine{};
  }
};

}  // namespace

TEST_CASE("early stopping waits for `patience` epochs without improvement") {
  CHECK(stop(EarlyStopping{}, {5, 4, 4, 3}) == 2);
  CHECK(stop(EarlyStopping{.patience = 1}, {5, 4, 4, 3}) == 2);
  CHECK(stop(EarlyStopping{.patience = 2}, {5, 4, 4, 3}) == -1);
  CHECK(stop(EarlyStopping{.patience = 2}, {5, 4, 4, 3, 3.5, 3.2, 1}) == 5);
  CHECK(stop(EarlyStopping{.min_delta = 0.5, .patience = 2}, {5, 4.8, 4.6, 4}) == 2);
  CHECK(stop(EarlyStopping{.min_delta = 0.5, .patience = 2}, {5, 4.8, 4.4, 4, 3}) == -1);
  CHECK(stop(EarlyStopping{.patience = 2, .maximize = true}, {5, 6, 5, 7, 5, 5}) == 5);
  CHECK(stop(EarlyStopping{.patience = 1, .start_from_epoch = 2}, {1, 2, 5, 4, 4}) == 4);
  CHECK(stop(EarlyStopping{.monitor = "loss", .patience = 1}, {5, 4, 3}) == 1);  // it stays 0
  CHECK(stop(EarlyStopping{.patience = 2}, {5, std::nan(""), std::nan("")}) == 2);
}

TEST_CASE("the learning rate falls on a plateau, rests, and has a floor") {
  using Rates = std::vector<double>;
  CHECK(rates(ReduceLROnPlateau{.factor = 0.5, .patience = 2}, {5, 5, 5, 5, 4, 5, 5}) ==
        Rates{1, 1, 0.5, 0.5, 0.5, 0.5, 0.25});
  CHECK(rates(ReduceLROnPlateau{.factor = 0.5, .patience = 1, .min_lr = 0.3}, {5, 5, 5, 5}) == Rates{1, 0.5, 0.3, 0.3});
  CHECK(rates(ReduceLROnPlateau{.factor = 0.5, .patience = 1, .cooldown = 2}, {5, 5, 5, 5, 5, 5}) ==
        Rates{1, 0.5, 0.5, 0.25, 0.25, 0.125});
  CHECK(rates(ReduceLROnPlateau{.factor = 0.5, .patience = 1}, {5, 4.99995, 4}) == Rates{1, 0.5, 0.5});
}

TEST_CASE("a callback sees every epoch, can end the training and slow it down") {
  const Dataset data = test::smooth_samples(64, Shape{20});
  std::vector<double> seen;
  Model model{Seed{1}};
  const History history = fit(model, data, MeanSquaredError{}, SGD{.learning_rate = 0.5}, quiet({[&](EpochEnd& end) {
                                CHECK(end.epoch() == static_cast<Index>(seen.size()));
                                CHECK(end.value("loss") == end.history().loss.back());
                                seen.push_back(end.learning_rate());
                                end.scale_learning_rate(0.5);
                                if (seen.size() == 3) end.stop();
                              }}));
  CHECK(seen == std::vector<double>{0.5, 0.25, 0.125});
  CHECK(history.epochs() == 3);
  CHECK(history.learning_rate == seen);

  // The same rates by a schedule: four steps an epoch.
  Model twin{Seed{1}};
  const auto halved = [](Index iteration) { return 0.5 * std::pow(0.5, static_cast<double>(iteration / 4)); };
  FitOptions three = quiet({});
  three.epochs = 3;
  fit(twin, data, MeanSquaredError{}, SGD{.learning_rate = halved}, three);
  CHECK(std::ranges::equal(model.parameters(), twin.parameters()));
}

TEST_CASE("the best epoch's parameters are restored, also if the training is not stopped") {
  const Dataset data = test::smooth_samples(64, Shape{20});
  const Index patience = GENERATE(2, 100);
  Model model{Seed{1}};
  std::vector<float> best;
  double least = HUGE_VAL;
  const auto look = [&](EpochEnd& end) {
    // A rate that makes the later epochs worse.
    end.scale_learning_rate(end.epoch() < 2 ? 1 : 40);
    if (end.value("validation_loss") < least) {
      least = end.value("validation_loss");
      best.assign(model.parameters().begin(), model.parameters().end());
    }
  };
  FitOptions with = quiet({look, EarlyStopping{.patience = patience, .restore_best_weights = true}});
  with.validation = data;
  for (int again = 0; again < 2; ++again) {  // the callbacks' memory is of one training
    model = Model{Seed{1}};
    least = HUGE_VAL;
    const History history = fit(model, data, MeanSquaredError{}, SGD{.learning_rate = 5}, with);
    CHECK(history.validation_loss.back() > least);
    CHECK(history.epochs() == (patience == 2 ? 5 : 8));
    CHECK(std::ranges::equal(model.parameters(), best));
  }
}

TEST_CASE("the best epoch's parameters are restored whatever ends the training") {
  const Dataset data = test::smooth_samples(64, Shape{20});
  Model model{Seed{1}};
  std::vector<float> best;
  const auto remember = [&](EpochEnd& end) {
    if (end.epoch() == 2) best.assign(model.parameters().begin(), model.parameters().end());
  };
  // Four steps an epoch. No epoch is as much better as it would have to be than the first that counts, number 2.
  static constexpr double rate = 0.1;
  const EarlyStopping early{
      .monitor = "loss", .min_delta = 1e9, .patience = 100, .restore_best_weights = true, .start_from_epoch = 2};
  SECTION("a callback that throws, in a later epoch") {
    CHECK_THROWS_AS(fit(model, data, MeanSquaredError{}, SGD{.learning_rate = rate},
                        quiet({remember, early,
                               [](EpochEnd& end) {
                                 if (end.epoch() == 5) throw Mine{};
                               }})),
                    Mine);
  }
  SECTION("a callback that throws, after the best epoch itself") {
    CHECK_THROWS_AS(fit(model, data, MeanSquaredError{}, SGD{.learning_rate = rate},
                        quiet({remember, early,
                               [&](EpochEnd& end) {
                                 if (end.epoch() != 2) return;
                                 std::ranges::fill(model.parameters(), 7.0F);
                                 throw Mine{};
                               }})),
                    Mine);
  }
  SECTION("a noise that throws") {
    const auto armed = std::make_shared<bool>(false);
    FitOptions options = quiet({remember, early, [&](EpochEnd& end) { *armed = end.epoch() == 4; }});
    options.corruption = ThrowingNoise{armed};
    CHECK_THROWS_AS(fit(model, data, MeanSquaredError{}, SGD{.learning_rate = rate}, options), Mine);
  }
  SECTION("a schedule that gives no rate") {
    const auto lost = [](Index iteration) { return iteration < 18 ? rate : std::nan(""); };
    CHECK_THROWS_AS(fit(model, data, MeanSquaredError{}, SGD{.learning_rate = lost}, quiet({remember, early})),
                    std::invalid_argument);
  }
  SECTION("divergence, which tells of the epochs before") {
    const auto wild = [](Index iteration) { return iteration < 18 ? rate : 1e30; };
    using Linear = Autoencoder<Sequential<Shape{20}, Dense<7>>, Sequential<Shape{7}, Dense<20>>>;
    Linear linear{Seed{1}};
    std::vector<float> best_linear;
    try {
      fit(linear, data, MeanSquaredError{}, SGD{.learning_rate = wild},
          quiet({early, [&](EpochEnd& end) {
                   if (end.epoch() == 2) best_linear.assign(linear.parameters().begin(), linear.parameters().end());
                 }}));
      FAIL("no exception");
    } catch (const DivergenceError& error) {
      CHECK_THAT(error.what(), test::contains("epoch 5"));
      CHECK(error.history().epochs() == 4);
      CHECK(error.history().seconds.size() == 4);
      const DivergenceError copy = error;
      CHECK(copy.history().loss == error.history().loss);
    }
    CHECK(std::ranges::equal(linear.parameters(), best_linear));
    best.assign(model.parameters().begin(), model.parameters().end());
  }
  CHECK(std::ranges::equal(model.parameters(), best));
  CHECK(!best.empty());
}

TEST_CASE("what is monitored must be there, and the numbers must make sense") {
  const Dataset data = test::smooth_samples(16, Shape{20});
  Model model;
  const auto refusal = [&](Callbacks callbacks) {
    return test::message_of<std::invalid_argument>(
        [&] { fit(model, data, MeanSquaredError{}, SGD{}, quiet(std::move(callbacks))); });
  };
  CHECK_THAT(
      refusal({EarlyStopping{}}),
      test::contains("\"validation_loss\", which this training does not have; it has \"loss\"; \"validation_loss\" "
                     "needs validation data"));
  CHECK_THAT(refusal({EarlyStopping{.monitor = "perplexity"}}),
             test::contains("\"perplexity\", which this training does not have; it has \"loss\""));
  FitOptions keras = quiet({EarlyStopping{.monitor = "val_loss"}});
  keras.validation = data;
  CHECK_THAT(
      test::message_of<std::invalid_argument>([&] { fit(model, data, MeanSquaredError{}, SGD{}, keras); }),
      test::contains("\"val_loss\", which this training does not have; it has \"loss\", \"validation_loss\"; did you "
                     "mean \"validation_loss\"?"));
  CHECK_THAT(refusal({EarlyStopping{.monitor = "loss", .patience = -1}}), test::contains("EarlyStopping: patience"));
  CHECK_THAT(refusal({ReduceLROnPlateau{.monitor = "loss", .factor = 1}}), test::contains("factor must be in (0, 1)"));
  CHECK_THAT(refusal({ReduceLROnPlateau{.monitor = "loss", .cooldown = -1}}), test::contains("cooldown"));
}

TEST_CASE("the line on a terminal has what fits, the most important first") {
  training::ProgressLine line{.epoch = 2,
                              .epochs = 50,
                              .done = 0.5,
                              .loss = 0.125,
                              .validation_loss = 0.25,
                              .learning_rate = 1e-3,
                              .samples_per_second = 93248,
                              .seconds_left = 83};
  CHECK(line.text(79) == "Epoch 3/50 [===   ] loss 0.12500 val 0.25000 lr 0.001 93248 samples/s 1:23 left");
  CHECK(line.text(120) ==
        "Epoch 3/50 [===============               ] loss 0.12500 val 0.25000 lr 0.001 93248 samples/s 1:23 left");
  CHECK(line.text(70) == "Epoch 3/50 [===   ] loss 0.12500 val 0.25000 93248 samples/s 1:23 left");
  CHECK(line.text(30) == "Epoch 3/50 loss 0.12500");
  for (std::size_t width = 1; width < 150; ++width) CHECK(line.text(width).size() <= width);
  line.validation_loss.reset();
  line.seconds_left = 3723;
  CHECK(line.text(100) ==
        "Epoch 3/50 [===============               ] loss 0.12500 lr 0.001 93248 samples/s 1:02:03 left");
  line.seconds_left = HUGE_VAL;
  CHECK_THAT(line.text(100), test::contains("long left"));
}

}  // namespace test_callbacks
