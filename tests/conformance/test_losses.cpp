#include <conformance/loss_run.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/categorical_crossentropy.hpp>
#include <eigencoder/losses/mean_absolute_error.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>

namespace test_losses {

using namespace eigencoder;
using test::check_loss;
using test::Golden;

TEMPLATE_LIST_TEST_CASE("losses and their gradients agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("loss_values");
  check_loss<TestType, false>(golden, "mse", MeanSquaredError{}, "signed_output", "signed_target");
  check_loss<TestType, false>(golden, "mae", MeanAbsoluteError{}, "signed_output", "signed_target");
  check_loss<TestType, false>(golden, "bce", BinaryCrossentropy{}, "output", "target");
  check_loss<TestType, true>(golden, "bce_logits", BinaryCrossentropy{}, "logits", "target");
  check_loss<TestType, false>(golden, "cce_logits", CategoricalCrossentropy{}, "logits", "classes");
}

}  // namespace test_losses
