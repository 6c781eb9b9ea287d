#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/losses/log_cosh.hpp>
#include <eigencoder/losses/mean_absolute_error.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>

#include "gradients/harness.hpp"

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
}
