#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/categorical_crossentropy.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/losses/ignore_missing.hpp>
#include <eigencoder/losses/log_cosh.hpp>
#include <eigencoder/losses/mean_absolute_error.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/losses/structural_similarity.hpp>
#include <eigencoder/losses/weighted.hpp>

#include "gradients/harness.hpp"

namespace test_losses {

using namespace eigencoder;
using test::check_loss;

namespace {

class Draw {
 public:
  auto between(double low, double high) {
    return [this, low, high] { return low + (high - low) * random_.uniform<double>(); };
  }

 private:
  Random random_{Seed{11}};
};

}  // namespace

TEST_CASE("gradients of the losses") {
  Draw draw;
  SECTION("mean squared error") { check_loss(MeanSquaredError{}, draw.between(-2, 2), draw.between(0, 1)); }
  SECTION("mean absolute error") { check_loss(MeanAbsoluteError{}, draw.between(-2, 2), draw.between(0, 1)); }
  SECTION("Huber") { check_loss(Huber{.delta = 0.7}, draw.between(-2, 2), draw.between(0, 1)); }
  SECTION("log-cosh") { check_loss(LogCosh{}, draw.between(-3, 3), draw.between(0, 1)); }
  SECTION("binary cross-entropy of probabilities") {
    check_loss(BinaryCrossentropy{}, draw.between(0.05, 0.95), draw.between(0, 1));
  }
  SECTION("binary cross-entropy of logits") {
    check_loss<true>(BinaryCrossentropy{}, draw.between(-8, 8), draw.between(0, 1));
  }
  SECTION("categorical cross-entropy") {
    const auto logits = draw.between(-8, 8), target = draw.between(0, 1);
    test::check_loss_case<Shape{2}, false, 1, false>(CategoricalCrossentropy{}, logits, target);
    test::check_loss_case<Shape{10}, false, 2, true>(CategoricalCrossentropy{}, logits, target);
  }
  SECTION("structural similarity") {
    const auto uniform = draw.between(0, 1);
    test::check_loss_case<Shape{11, 12, 1}, false, 1, false>(StructuralSimilarity{}, uniform, uniform);
    test::check_loss_case<Shape{13, 11, 2}, false, 2, true>(StructuralSimilarity{.dynamic_range = 3}, uniform, uniform);
  }
}

TEST_CASE("gradients of losses of weighted features and missing values") {
  Draw draw;
  const auto value = draw.between(-2, 2), target = draw.between(0, 1);
  const auto holey = [target, k = 0]() mutable { return ++k % 3 == 0 ? test::nan : target(); };
  const auto check = [&](auto loss, auto targets, auto logits) {
    test::check_loss_case<Shape{30}, decltype(logits)::value, 1, false>(loss, value, targets);
    test::check_loss_case<Shape{3, 5, 2}, decltype(logits)::value, 2, true>(loss, value, targets);
  };
  const Eigen::VectorXd weights = Eigen::VectorXd::LinSpaced(30, 0, 3);
  check(Weighted{MeanSquaredError{}, weights}, target, std::false_type{});
  check(Weighted{BinaryCrossentropy{}, weights}, target, std::true_type{});
  check(IgnoreMissing{LogCosh{}}, holey, std::false_type{});
  check(IgnoreMissing{BinaryCrossentropy{}}, holey, std::true_type{});
  check(Weighted{IgnoreMissing{Huber{.delta = 0.7}}, weights}, holey, std::false_type{});
}

}  // namespace test_losses
