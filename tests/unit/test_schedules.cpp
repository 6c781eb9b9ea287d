#include <cmath>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/schedules.hpp>

#include "support/catch.hpp"

namespace test_schedules {

using namespace eigencoder;
using test::Approx;

TEST_CASE("a learning rate is a number, a schedule or any function of the iteration") {
  REQUIRE(LearningRate(0.5).rate(1) == 0.5);
  REQUIRE(LearningRate(1).rate(100) == 1);
  const LearningRate own = [](Index iteration) { return 0.1 * static_cast<double>(iteration); };
  REQUIRE(own.rate(1) == 0);  // the first step is iteration 0
  REQUIRE(own.rate(11) == Approx(1));
  const Adam adam{.learning_rate =
                      ExponentialDecay{.initial_learning_rate = 0.1, .decay_steps = 10, .decay_rate = 0.5}};
  adam.check();
  REQUIRE(adam.learning_rate.rate(11) == Approx(0.05));
}

TEST_CASE("ExponentialDecay, smooth and in steps") {
  const ExponentialDecay smooth{.initial_learning_rate = 0.1, .decay_steps = 4, .decay_rate = 0.5};
  REQUIRE(smooth(0) == Approx(0.1));
  REQUIRE(smooth(2) == Approx(0.1 * std::sqrt(0.5)));
  REQUIRE(smooth(8) == Approx(0.025));
  const ExponentialDecay steps{.initial_learning_rate = 0.1, .decay_steps = 4, .decay_rate = 0.5, .staircase = true};
  REQUIRE(steps(3) == Approx(0.1));
  REQUIRE(steps(4) == Approx(0.05));
}

TEST_CASE("PiecewiseConstantDecay changes after its boundaries") {
  const PiecewiseConstantDecay rate{.boundaries = {5, 10}, .values = {1, 0.5, 0.1}};
  REQUIRE(rate(0) == 1);
  REQUIRE(rate(5) == 1);
  REQUIRE(rate(6) == 0.5);
  REQUIRE(rate(10) == 0.5);
  REQUIRE(rate(11) == 0.1);
}

TEST_CASE("CosineDecay falls to alpha, after a warm-up if there is one") {
  const CosineDecay plain{.initial_learning_rate = 0.2, .decay_steps = 100, .alpha = 0.1};
  REQUIRE(plain(0) == Approx(0.2));
  REQUIRE(plain(50) == Approx(0.2 * (0.9 * 0.5 + 0.1)));
  REQUIRE(plain(100) == Approx(0.02));
  REQUIRE(plain(1000) == Approx(0.02));
  const CosineDecay warm{.initial_learning_rate = 0.1, .decay_steps = 100, .warmup_target = 0.5, .warmup_steps = 10};
  REQUIRE(warm(0) == Approx(0.1));
  REQUIRE(warm(5) == Approx(0.3));
  REQUIRE(warm(10) == Approx(0.5));
  REQUIRE(warm(60) == Approx(0.25));
  REQUIRE(warm(110) == Approx(0).margin(1e-12));
  REQUIRE(warm(500) == Approx(0).margin(1e-12));
}

TEST_CASE("OneCycle rises to its peak and ends far below its start") {
  const OneCycle rate{.max_learning_rate = 1, .total_steps = 101, .pct_start = 0.25};
  // PyTorch's phases end at pct_start total_steps - 1 and at total_steps - 1.
  REQUIRE(rate(0) == Approx(0.04));
  const double up = 5 / 24.25;
  REQUIRE(rate(5) == Approx(1 + (0.04 - 1) / 2 * (1 + std::cos(std::acos(-1.0) * up))));
  const double down = (62 - 24.25) / (100 - 24.25);
  REQUIRE(rate(62) == Approx(4e-6 + (1 - 4e-6) / 2 * (1 + std::cos(std::acos(-1.0) * down))));
  REQUIRE(rate(100) == Approx(4e-6));
  REQUIRE(rate(1000) == Approx(4e-6));
  REQUIRE(std::isfinite(OneCycle{.max_learning_rate = 1, .total_steps = 1}(0)));
}

TEST_CASE("schedules are checked where they become a learning rate") {
  const auto message = [](auto schedule) {
    return test::message_of<std::invalid_argument>([&] { (void)LearningRate(schedule); });
  };
  REQUIRE_THAT(message(ExponentialDecay{.initial_learning_rate = 0.1, .decay_rate = 0.5}),
               test::contains("ExponentialDecay: decay_steps is 0, but must be at least 1"));
  REQUIRE_THAT(message(CosineDecay{.initial_learning_rate = std::nan(""), .decay_steps = 1}),
               test::contains("CosineDecay: initial_learning_rate is nan"));
  REQUIRE_THAT(message(PiecewiseConstantDecay{.boundaries = {5}, .values = {1}}), test::contains("one value more"));
  REQUIRE_THAT(message(PiecewiseConstantDecay{.boundaries = {5, 2}, .values = {1, 1, 1}}), test::contains("ascending"));
  REQUIRE_THAT(message(OneCycle{.max_learning_rate = 1, .total_steps = 10, .pct_start = 2}),
               test::contains("OneCycle: pct_start is 2"));
}

}  // namespace test_schedules
