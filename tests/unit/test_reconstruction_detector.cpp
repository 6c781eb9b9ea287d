#include <eigencoder/applications/reconstruction_detector.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/layers/flatten.hpp>
#include <eigencoder/layers/reshape.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/training/fit.hpp>

#include "support/catch.hpp"

namespace test_reconstruction_detector {

using namespace eigencoder;
using test::Approx;
using test::contains;

namespace {

using Encoder = Sequential<Shape{4, 4, 1}, Flatten, Dense<4, relu>>;
using Decoder = Sequential<Encoder::output, Dense<16>, Reshape<Shape{4, 4, 1}>>;
using Model = Autoencoder<Encoder, Decoder>;

/// Images that are bright on the left or on the right, and somewhat noisy.
Dataset images(Index count, Seed seed) {
  Random random(seed);
  Matrix<float> values(count, 16);
  for (Index i = 0; i < count; ++i) {
    const auto left = static_cast<Index>(random.below(2));
    for (Index k = 0; k < 16; ++k)
      values(i, k) = ((k % 4 < 2) == (left == 0) ? 1.0f : 0.0f) + 0.05f * random.normal<float>();
  }
  return Dataset(std::move(values), Shape{4, 4, 1});
}

}  // namespace

TEST_CASE("a detector over any model keeps its promise and shows where an image is unlike others") {
  Model model(Seed{1});
  fit(model, images(400, Seed{2}), MeanSquaredError{}, Adam{.learning_rate = 0.01}, {.epochs = 20, .progress = false});
  ReconstructionDetector detector(model, {.false_alarm_rate = 0.05});
  REQUIRE_THROWS_WITH(detector.predict(images(3, Seed{3})), contains("predict: the detector is not calibrated"));
  REQUIRE_THROWS_WITH(detector.calibrate(images(18, Seed{3})), contains("18 samples give no p-value as low as"));
  REQUIRE_THROWS_WITH(detector.calibrate(images(18, Seed{3})), contains("expected at least 19"));
  detector.calibrate(images(399, Seed{3}));
  const Dataset fresh = images(1000, Seed{4});
  const int alarms = detector.predict(fresh).sum();
  REQUIRE(alarms > 15);
  REQUIRE(alarms < 100);
  REQUIRE(detector.predict(fresh) == (detector.p_values(fresh).array() <= 0.05).cast<int>().matrix());

  Matrix<float> odd = images(1, Seed{5}).matrix<float>();
  odd(0, 6) += 3;
  const Dataset anomaly(odd, Shape{4, 4, 1});
  REQUIRE(detector.predict(anomaly)[0] == 1);
  Index place = 0;
  detector.error_maps(anomaly).row(0).maxCoeff(&place);
  REQUIRE(place == 6);
  REQUIRE(detector.error_maps(anomaly).mean() == Approx(detector.score(anomaly)[0]).epsilon(1e-5));
  REQUIRE(detector.attributions(anomaly).sum() == Approx(1));
  REQUIRE_THROWS_WITH(ReconstructionDetector(model, {.false_alarm_rate = 1}), contains("false_alarm_rate is 1"));
}

}  // namespace test_reconstruction_detector
