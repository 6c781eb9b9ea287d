#include <cmath>
#include <eigencoder/layers/options/activations.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/losses/log_cosh.hpp>
#include <eigencoder/losses/mean_absolute_error.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <functional>

#include "gradients/harness.hpp"

namespace test_losses {

using namespace eigencoder;

namespace {

using Real = long double;

/// The mean loss of a sample of 784 features against the formula in long double; all lanes hold samples of their own.
template <class Scalar, bool Logits = false, class Loss>
void check(const Loss& loss, double low, double high, const std::function<Real(Real, Real)>& formula) {
  using Pack = eigencoder::Pack<Scalar, 2>;
  constexpr Layout layout{Shape{784}};
  test::Map<Pack, layout> y, target;
  Random random(Seed{4});
  y.fill([&] { return static_cast<Scalar>(low + (high - low) * random.uniform<double>()); });
  target.fill([&] { return static_cast<Scalar>(static_cast<double>(random.below(256)) / 255); });
  alignas(simd::alignment) Scalar losses[Pack::lanes];
  loss.template evaluate<Logits>(y.read(), target.read(), Pack(1), NoSink<Pack, layout>{}).store(losses);
  for (int lane = 0; lane < Pack::lanes; ++lane) {
    Real expected = 0;
    for (Index k = 0; k < 784; ++k)
      expected += formula(static_cast<Real>(y.at(k, 0, 0, lane)), static_cast<Real>(target.at(k, 0, 0, lane))) / 784;
    INFO(Loss::name << " in [" << low << ", " << high << "]");
    REQUIRE(static_cast<double>(losses[lane]) ==
            test::Approx(static_cast<double>(expected)).epsilon(sizeof(Scalar) == 4 ? 3e-6 : 1e-14));
  }
}

}  // namespace

TEMPLATE_TEST_CASE("losses equal their formulas", "", float, double) {
  check<TestType>(MeanSquaredError{}, -2, 2, [](Real y, Real t) { return (y - t) * (y - t); });
  check<TestType>(MeanAbsoluteError{}, -2, 2, [](Real y, Real t) { return std::abs(y - t); });
  check<TestType>(Huber{.delta = 0.5}, -2, 2, [](Real y, Real t) {
    const Real e = std::abs(y - t);
    return e <= 0.5L ? e * e / 2 : 0.5L * (e - 0.25L);
  });
  for (const double reach : {1e-3, 2.0, 90.0})
    check<TestType>(LogCosh{}, -reach, reach, [](Real y, Real t) { return std::log(std::cosh(y - t)); });
  check<TestType>(BinaryCrossentropy{}, 0.01, 0.99,
                  [](Real y, Real t) { return -t * std::log(y) - (1 - t) * std::log(1 - y); });
}

TEMPLATE_TEST_CASE("binary cross-entropy from logits, also where a sigmoid has saturated", "", float, double) {
  // At 0 every factor 1 + exp(-|z|) is 2: their product over 784 cells would overflow in float.
  for (const double reach : {0.0, 0.1, 8.0, 80.0, 1e4})
    check<TestType, true>(BinaryCrossentropy{}, -reach, reach, [](Real z, Real t) {
      return std::max(z, 0.0L) - z * t + std::log1p(std::exp(-std::abs(z)));
    });
}

TEST_CASE("binary cross-entropy of probabilities clips as Keras does") {
  using Pack = eigencoder::Pack<double, 1>;
  constexpr Layout layout{Shape{3}};
  test::Map<Pack, layout> y, target, dy;
  const double values[] = {0, 1, 0.25}, targets[] = {1, 0, 0.5};
  for (Index k = 0; k < 3; ++k) {
    y.view()[k] = Pack(values[k]);
    target.view()[k] = Pack(targets[k]);
  }
  using Plain = Activate<linear>;
  const Pack loss =
      BinaryCrossentropy{}.evaluate(y.read(), target.read(), Pack(1), Sink<Pack, layout, Plain>(dy.view(), {}));
  const double expected = (-2 * std::log(1e-7) - 0.5 * (std::log(0.25) + std::log(0.75))) / 3;
  REQUIRE(sum(loss) / Pack::lanes == test::Approx(expected).epsilon(1e-9));
  REQUIRE(dy.at(0, 0, 0, 0) == 0);
  REQUIRE(dy.at(1, 0, 0, 0) == 0);
  REQUIRE(dy.at(2, 0, 0, 0) == test::Approx((0.25 - 0.5) / (0.25 * 0.75) / 3));
}

TEST_CASE("a loss of NaN is NaN") {
  using Pack = eigencoder::Pack<float, 1>;
  constexpr Layout layout{Shape{40}};
  test::Map<Pack, layout> y, target;
  y.fill([] { return 0.5f; });
  target.fill([] { return 0.5f; });
  y.view()[13] = Pack(std::numeric_limits<float>::quiet_NaN());
  const auto is_nan = [&](auto loss, auto logits) {
    return std::isnan(
        sum(loss.template evaluate<decltype(logits)::value>(y.read(), target.read(), Pack(1), NoSink<Pack, layout>{})));
  };
  REQUIRE(is_nan(MeanSquaredError{}, std::false_type{}));
  REQUIRE(is_nan(MeanAbsoluteError{}, std::false_type{}));
  REQUIRE(is_nan(Huber{}, std::false_type{}));
  REQUIRE(is_nan(LogCosh{}, std::false_type{}));
  REQUIRE(is_nan(BinaryCrossentropy{}, std::false_type{}));
  REQUIRE(is_nan(BinaryCrossentropy{}, std::true_type{}));
}

TEST_CASE("Huber refuses a threshold that is not positive") {
  CHECK_NOTHROW(Huber{.delta = 0.5}.check(Shape{1}));
  for (const double delta : {0.0, -1.0, std::nan("")})
    CHECK_THROWS_AS(Huber{.delta = delta}.check(Shape{1}), std::invalid_argument);
}

}  // namespace test_losses
