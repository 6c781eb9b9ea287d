#include <eigencoder/applications/conformal.hpp>
#include <eigencoder/random/philox.hpp>

#include "support/catch.hpp"

namespace test_conformal {

using namespace eigencoder;
using test::Approx;
using test::contains;

namespace {

Eigen::VectorXd normal_values(Index count, Random& random) {
  return Eigen::VectorXd::NullaryExpr(count, [&] { return random.normal<double>(); });
}

}  // namespace

TEST_CASE("a conformal p-value counts what is at least as high") {
  const ConformalCalibration calibration(Eigen::VectorXd{{3, 1, 2, 2}});
  REQUIRE(calibration.p_value(4) == Approx(1.0 / 5));
  REQUIRE(calibration.p_value(3) == Approx(2.0 / 5));
  REQUIRE(calibration.p_value(2) == Approx(4.0 / 5));
  REQUIRE(calibration.p_value(1.5) == Approx(4.0 / 5));
  REQUIRE(calibration.p_value(0) == 1);
  REQUIRE(calibration.p_value(NAN) == Approx(1.0 / 5));
  REQUIRE(ConformalCalibration().p_value(0) == 1);
  REQUIRE_THROWS_WITH(ConformalCalibration(Eigen::VectorXd{{1, NAN}}), contains("not a number"));
}

TEST_CASE("a p-value does not depend on the calibration's order, and is monotonic") {
  Random random(Seed{1});
  Eigen::VectorXd scores = normal_values(50, random);
  const ConformalCalibration before(scores);
  random.shuffle(scores);
  const ConformalCalibration after(scores);
  double last = 1;
  for (double score = -3; score < 3; score += 0.01) {
    REQUIRE(before.p_value(score) == after.p_value(score));
    REQUIRE(before.p_value(score) <= last);
    last = before.p_value(score);
  }
}

TEST_CASE("a score is above the threshold where its p-value is at most the rate") {
  Random random(Seed{2});
  for (const Index count : {1, 9, 19, 99, 100}) {
    Eigen::VectorXd scores = normal_values(count, random);
    if (count > 5) scores[2] = scores[4];
    const ConformalCalibration calibration(scores);
    for (const double rate : {0.01, 0.05, 0.1, 0.29, 0.5, 0.99})
      for (const double score : calibration.scores())
        for (const double s : {score - 1e-9, score, score + 1e-9})
          REQUIRE((s > calibration.threshold(rate)) == (calibration.p_value(s) <= rate + 1e-12));
  }
  const ConformalCalibration few(Eigen::VectorXd::Zero(98));
  REQUIRE(few.threshold(0.01) == std::numeric_limits<double>::infinity());
  REQUIRE(few.threshold(0.0102) == 0);
}

TEST_CASE("exchangeable scores give p-values that are valid at every level") {
  // Of n + 1 exchangeable scores each is the new one in turn: exactly floor(a (n + 1)) have p <= a.
  Random random(Seed{3});
  const Eigen::VectorXd all = normal_values(40, random);
  for (const double rate : {0.01, 0.05, 0.1, 0.25, 0.5}) {
    Index alarms = 0;
    for (Index i = 0; i < all.size(); ++i) {
      Eigen::VectorXd rest(all.size() - 1);
      rest << all.head(i), all.tail(all.size() - 1 - i);
      if (ConformalCalibration(rest).p_value(all[i]) <= rate) ++alarms;
    }
    REQUIRE(alarms == static_cast<Index>(std::floor(rate * 40 + 1e-9)));
  }
}

TEST_CASE("Benjamini and Hochberg's procedure steps up") {
  // The example of their paper, table 1: at 0.05 it rejects the four smallest.
  const Eigen::VectorXd p{{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
                           0.5719, 0.6528, 0.7590, 1.0}};
  REQUIRE(benjamini_hochberg(p, 0.05).sum() == 4);
  REQUIRE(benjamini_hochberg(p, 0.05).head(4).sum() == 4);
  REQUIRE(benjamini_hochberg(p.reverse(), 0.05).tail(4).sum() == 4);
  // A later p-value that is small enough takes those before it along.
  REQUIRE(benjamini_hochberg(Eigen::VectorXd{{0.04, 0.05}}, 0.05).sum() == 2);
  REQUIRE(benjamini_hochberg(Eigen::VectorXd{{0.04, 0.06}}, 0.05).sum() == 0);
  REQUIRE(benjamini_hochberg(Eigen::VectorXd(), 0.05).size() == 0);
  REQUIRE_THROWS_WITH(benjamini_hochberg(p, 1), contains("rate is 1"));
  REQUIRE_THROWS_WITH(benjamini_hochberg(Eigen::VectorXd{{1.5}}, 0.1), contains("not in [0, 1]"));
}

}  // namespace test_conformal
