#include <cmath>
#include <eigencoder/optimizers/adagrad.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/adamax.hpp>
#include <eigencoder/optimizers/adamw.hpp>
#include <eigencoder/optimizers/nadam.hpp>
#include <eigencoder/optimizers/rmsprop.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <eigencoder/random/philox.hpp>
#include <functional>
#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace test_optimizers {

using namespace eigencoder;

namespace {

/// One parameter's update by the textbook, in double: (parameter, gradient, state, step).
using Reference = std::function<void(double&, double, std::array<double, 3>&, int)>;

/// An optimiser's state and parameters, stepped in one piece or in several.
template <class Scalar, class Optimizer>
class Run {
 public:
  Run(const Optimizer& optimizer, std::size_t size) : optimizer_(optimizer), p_(size), state_(Optimizer::slots * size) {
    Random random(Seed{1});
    for (Scalar& p : p_) p = static_cast<Scalar>(random.normal<double>());
  }

  void step(const std::vector<Scalar>& gradient, Index t, const std::vector<std::size_t>& cuts = {}) {
    std::size_t first = 0;
    const auto part = [&](std::size_t last) {
      const std::size_t count = last - first;
      std::array<std::span<Scalar>, Optimizer::slots> state;
      for (std::size_t k = 0; k < state.size(); ++k) state[k] = std::span(state_).subspan(k * p_.size() + first, count);
      optimizer_.template update<Scalar>(std::span(p_).subspan(first, count),
                                         std::span<const Scalar>(gradient).subspan(first, count), state,
                                         optimizer_.learning_rate.rate(t), t);
      first = last;
    };
    for (const std::size_t cut : cuts) part(cut);
    part(p_.size());
  }

  [[nodiscard]] const std::vector<Scalar>& parameters() const { return p_; }

 private:
  Optimizer optimizer_;
  std::vector<Scalar> p_, state_;
};

template <class Scalar>
std::vector<Scalar> gradient_of_step(std::size_t size, int t) {
  std::vector<Scalar> gradient(size);
  Random random(Seed{2}, t);
  // Of all magnitudes, and some zero.
  for (std::size_t k = 0; k < size; ++k)
    gradient[k] =
        static_cast<Scalar>(k % 9 == 0 ? 0 : random.normal<double>() * std::pow(10.0, -static_cast<double>(k % 7)));
  return gradient;
}

template <class Scalar, class Optimizer>
void check(const Optimizer& optimizer, const Reference& reference) {
  optimizer.check();
  constexpr std::size_t size = 101;
  constexpr double tolerance = sizeof(Scalar) == 4 ? 1e-5 : 1e-12;
  Run<Scalar, Optimizer> whole(optimizer, size), sliced(optimizer, size);
  std::vector<double> expected(whole.parameters().begin(), whole.parameters().end());
  std::vector<std::array<double, 3>> state(size);
  for (int t = 1; t <= 20; ++t) {
    const std::vector<Scalar> gradient = gradient_of_step<Scalar>(size, t);
    whole.step(gradient, t);
    sliced.step(gradient, t, {1, 4, 37, 37, 96});
    for (std::size_t k = 0; k < size; ++k) reference(expected[k], static_cast<double>(gradient[k]), state[k], t);
  }
  for (std::size_t k = 0; k < size; ++k) {
    INFO(Optimizer::name << ", parameter " << k);
    REQUIRE(static_cast<double>(whole.parameters()[k]) ==
            test::Approx(expected[k]).epsilon(tolerance).margin(tolerance));
  }
  REQUIRE(whole.parameters() == sliced.parameters());  // bit by bit, wherever threads cut
}

template <class Optimizer>
void check_both(const Optimizer& optimizer, const Reference& reference) {
  check<float>(optimizer, reference);
  check<double>(optimizer, reference);
}

double square(double x) { return x * x; }

}  // namespace

TEST_CASE("SGD follows its formula") {
  check_both(SGD{.learning_rate = 0.1}, [](double& p, double g, auto&, int) { p -= 0.1 * g; });
  check_both(SGD{.learning_rate = 0.1, .momentum = 0.9}, [](double& p, double g, auto& s, int) {
    s[0] = 0.9 * s[0] - 0.1 * g;
    p += s[0];
  });
  check_both(SGD{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}, [](double& p, double g, auto& s, int) {
    s[0] = 0.9 * s[0] - 0.1 * g;
    p += 0.9 * s[0] - 0.1 * g;
  });
}

TEST_CASE("Adam follows its formula") {
  const auto adam = [](double decay) {
    return [decay](double& p, double g, auto& s, int t) {
      p -= 0.01 * decay * p;
      s[0] = 0.9 * s[0] + 0.1 * g;
      s[1] = 0.99 * s[1] + 0.01 * g * g;
      p -= 0.01 * std::sqrt(1 - std::pow(0.99, t)) / (1 - std::pow(0.9, t)) * s[0] / (std::sqrt(s[1]) + 1e-7);
    };
  };
  check_both(Adam{.learning_rate = 0.01, .beta_2 = 0.99}, adam(0));
  check_both(AdamW{.learning_rate = 0.01, .weight_decay = 0.05, .beta_2 = 0.99}, adam(0.05));
}

TEST_CASE("Adam's first step is the learning rate against the gradient's sign") {
  Run<double, Adam> run(Adam{.learning_rate = 0.5}, 3);
  const std::vector<double> before = run.parameters();
  run.step({4, -1e-3, 0}, 1);
  REQUIRE(run.parameters()[0] == test::Approx(before[0] - 0.5).margin(1e-5));
  REQUIRE(run.parameters()[1] == test::Approx(before[1] + 0.5).margin(2e-3));
  REQUIRE(run.parameters()[2] == before[2]);
}

TEST_CASE("RMSprop follows its formula") {
  const auto rmsprop = [](double momentum, bool centered) {
    return [=](double& p, double g, auto& s, int) {
      s[0] = 0.9 * s[0] + 0.1 * g * g;
      if (centered) s[1] = 0.9 * s[1] + 0.1 * g;
      s[2] = momentum * s[2] + 0.01 * g / std::sqrt(s[0] - square(s[1]) + 1e-3);
      p -= s[2];
    };
  };
  check_both(RMSprop{.learning_rate = 0.01, .epsilon = 1e-3}, rmsprop(0, false));
  check_both(RMSprop{.learning_rate = 0.01, .momentum = 0.5, .epsilon = 1e-3}, rmsprop(0.5, false));
  check_both(RMSprop{.learning_rate = 0.01, .momentum = 0.5, .epsilon = 1e-3, .centered = true}, rmsprop(0.5, true));
}

TEST_CASE("Adagrad follows its formula, from its initial accumulator") {
  check_both(Adagrad{.learning_rate = 0.05, .initial_accumulator_value = 0.2}, [](double& p, double g, auto& s, int t) {
    if (t == 1) s[0] = 0.2;
    s[0] += g * g;
    p -= 0.05 * g / std::sqrt(s[0] + 1e-7);
  });
}

TEST_CASE("Adamax follows its formula") {
  check_both(Adamax{.learning_rate = 0.01}, [](double& p, double g, auto& s, int t) {
    s[0] = 0.9 * s[0] + 0.1 * g;
    s[1] = std::max(0.999 * s[1], std::abs(g));
    p -= 0.01 / (1 - std::pow(0.9, t)) * s[0] / (s[1] + 1e-7);
  });
}

TEST_CASE("Nadam follows its formula, with the product of its momenta") {
  const auto u = [](int t) { return 0.9 * (1 - 0.5 * std::pow(0.96, t)); };
  check_both(Nadam{.learning_rate = 0.01}, [u](double& p, double g, auto& s, int t) {
    if (t == 1) s[2] = 1;
    s[2] *= u(t);
    s[0] = 0.9 * s[0] + 0.1 * g;
    s[1] = 0.999 * s[1] + 0.001 * g * g;
    const double m = u(t + 1) * s[0] / (1 - s[2] * u(t + 1)) + (1 - u(t)) * g / (1 - s[2]);
    p -= 0.01 * m / (std::sqrt(s[1] / (1 - std::pow(0.999, t))) + 1e-7);
  });
}

TEST_CASE("hyper-parameters out of their range are refused by name, value and expectation") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto message = [](const auto& optimizer) {
    return test::message_of<std::invalid_argument>([&] { optimizer.check(); });
  };
  REQUIRE(message(Adam{.beta_1 = 1.5}) == "Adam: beta_1 is 1.5, but must be in [0, 1)");
  REQUIRE(message(Adam{.learning_rate = nan}) == "Adam: learning_rate is nan, but must be a positive, finite number");
  REQUIRE(message(Adam{.learning_rate = 0}) == "Adam: learning_rate is 0, but must be a positive, finite number");
  REQUIRE_THAT(message(Adam{.beta_2 = -0.1}), test::contains("Adam: beta_2 is -0.1"));
  REQUIRE_THAT(message(Adam{.epsilon = 0}), test::contains("Adam: epsilon is 0"));
  REQUIRE_THAT(message(SGD{.momentum = 1}), test::contains("SGD: momentum is 1"));
  REQUIRE_THAT(message(SGD{.nesterov = true}), test::contains("SGD: momentum is 0, but must be positive"));
  REQUIRE_THAT(message(SGD{.clipnorm = -1.0}), test::contains("SGD: clipnorm is -1"));
  REQUIRE_THAT(message(SGD{.clipvalue = nan}), test::contains("SGD: clipvalue is nan"));
  REQUIRE_THAT(message(SGD{.global_clipnorm = 0.0}), test::contains("SGD: global_clipnorm is 0"));
  REQUIRE_THAT(message(SGD{.clipnorm = 1.0, .clipvalue = 1.0}), test::contains("at most one"));
  REQUIRE_THAT(message(AdamW{.weight_decay = nan}), test::contains("AdamW: weight_decay is nan"));
  REQUIRE_THAT(message(RMSprop{.rho = 1}), test::contains("RMSprop: rho is 1"));
  REQUIRE_THAT(message(Adagrad{.initial_accumulator_value = -1}), test::contains("initial_accumulator_value is -1"));
  REQUIRE_THAT(message(Adamax{.beta_1 = nan}), test::contains("Adamax: beta_1"));
  REQUIRE_THAT(message(Nadam{.beta_2 = 2}), test::contains("Nadam: beta_2 is 2"));
  REQUIRE(message(Nadam{}).empty());
}

}  // namespace test_optimizers
