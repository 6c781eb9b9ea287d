#include <eigencoder/applications/detection_metrics.hpp>
#include <eigencoder/random/philox.hpp>

#include "support/catch.hpp"

namespace test_detection_metrics {

using namespace eigencoder;
using test::Approx;
using test::contains;

TEST_CASE("ROC-AUC, average precision and precision at n are those of scikit-learn and PyOD") {
  // sklearn.metrics of these, and pyod.utils.utility.precision_n_scores of the first.
  const Eigen::VectorXd scores = Eigen::VectorXd{{0.1, 0.4, 0.35, 0.8, 0.7, 0.2}};
  const std::vector<int> labels{0, 0, 1, 1, 0, 1};
  REQUIRE(roc_auc(scores, labels) == Approx(5.0 / 9));
  REQUIRE(average_precision(scores, labels) == Approx((1 + 2.0 / 4 + 3.0 / 5) / 3));
  REQUIRE(precision_at_n(scores, labels) == Approx(1.0 / 3));
  REQUIRE(precision_at_n(scores, labels, 1) == 1);
  const std::vector<RocPoint> curve = roc_curve(scores, labels);
  REQUIRE(curve.size() == 7);
  REQUIRE(curve[1].true_positive_rate == Approx(1.0 / 3));
  REQUIRE(curve[2].false_positive_rate == Approx(1.0 / 3));
  REQUIRE(curve.back().true_positive_rate == 1);
}

TEST_CASE("ties count half, and in no order") {
  const Eigen::VectorXd scores = Eigen::VectorXd{{1, 1, 1, 0}};
  REQUIRE(roc_auc(scores, std::vector{1, 0, 0, 0}) == Approx(2.0 / 3));
  REQUIRE(roc_auc(scores, std::vector{0, 0, 1, 0}) == Approx(2.0 / 3));
  REQUIRE(average_precision(scores, std::vector{0, 1, 0, 0}) == Approx(1.0 / 3));
  REQUIRE(precision_at_n(scores, std::vector{0, 1, 0, 0}) == Approx(1.0 / 3));
  REQUIRE(roc_curve(scores, std::vector{0, 1, 0, 0}).size() == 3);
}

TEST_CASE("ROC-AUC is the share of pairs in the right order, and that of the negated scores the rest") {
  Random random(Seed{5});
  Eigen::VectorXd scores(60);
  std::vector<int> labels(60);
  for (Index i = 0; i < 60; ++i) {
    scores[i] = static_cast<double>(random.below(20));
    labels[static_cast<std::size_t>(i)] = i < 3 ? 1 : static_cast<int>(random.below(2));
  }
  labels.back() = 0;
  double right = 0, pairs = 0;
  for (std::size_t a = 0; a < 60; ++a)
    for (std::size_t b = 0; b < 60; ++b)
      if (labels[a] != 0 && labels[b] == 0) {
        const double difference = scores[static_cast<Index>(a)] - scores[static_cast<Index>(b)];
        right += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
        ++pairs;
      }
  REQUIRE(roc_auc(scores, labels) == Approx(right / pairs));
  REQUIRE(roc_auc(-scores, labels) == Approx(1 - right / pairs));
  // The area below the curve.
  double area = 0;
  const auto curve = roc_curve(scores, labels);
  for (std::size_t k = 1; k < curve.size(); ++k)
    area += (curve[k].false_positive_rate - curve[k - 1].false_positive_rate) *
            (curve[k].true_positive_rate + curve[k - 1].true_positive_rate) / 2;
  REQUIRE(area == Approx(right / pairs));
}

TEST_CASE("metrics refuse what they are not defined for") {
  const Eigen::VectorXd scores = Eigen::VectorXd{{1, 2}};
  REQUIRE_THROWS_WITH(roc_auc(scores, std::vector{1}), contains("roc_auc: there are 1 labels for 2 scores"));
  REQUIRE_THROWS_WITH(roc_auc(scores, std::vector{0, 0}), contains("no row is labelled as an anomaly"));
  REQUIRE_THROWS_WITH(average_precision(scores, std::vector{1, 2}), contains("all rows are labelled as anomalies"));
  REQUIRE_THROWS_WITH(precision_at_n(scores, std::vector{0, 1}, 3), contains("n is 3; expected 0 to 2"));
  REQUIRE_THROWS_WITH(roc_curve(Eigen::VectorXd{{1, NAN}}, std::vector{0, 1}), contains("not a number"));
}

}  // namespace test_detection_metrics
