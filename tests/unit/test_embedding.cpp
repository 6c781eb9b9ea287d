#include <eigencoder/applications/embedding_metrics.hpp>
#include <eigencoder/applications/few_labels.hpp>
#include <eigencoder/applications/linear_probe.hpp>
#include <eigencoder/applications/nearest_neighbors.hpp>
#include <eigencoder/inspect/accuracy.hpp>

#include "support/catch.hpp"

namespace test_embedding {

using namespace eigencoder;

namespace {

// As in Python:
//
//     import numpy as np
//     from sklearn.manifold import trustworthiness
//     from sklearn.linear_model import LogisticRegression
//     from sklearn.pipeline import make_pipeline
//     from sklearn.preprocessing import StandardScaler
//     i = np.arange(60)[:, None] + 1
//     x = np.sin(i * [[1, 2, 3, 5]] + [[0, 1, 2, 3]])
//     y = x[:, :2]
//     for k in (1, 5, 12): print(trustworthiness(x, y, n_neighbors=k), trustworthiness(y, x, n_neighbors=k))
//     t = (i[:, 0] // 2) % 3
//     model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, tol=1e-12, max_iter=10000))
//     print(model.fit(x, t).predict_proba(x[:3]))
//
// with scikit-learn 1.9.1.
Matrix<double> points() {
  Matrix<double> x(60, 4);
  const double rates[] = {1, 2, 3, 5};
  for (Index i = 0; i < x.rows(); ++i)
    for (Index k = 0; k < 4; ++k) x(i, k) = std::sin(static_cast<double>(i + 1) * rates[k] + static_cast<double>(k));
  return x;
}
std::vector<int> labels() {
  std::vector<int> t;
  for (int i = 1; i <= 60; ++i) t.push_back(i / 2 % 3);
  return t;
}

}  // namespace

TEST_CASE("trustworthiness and continuity are scikit-learn's") {
  const Matrix<double> x = points(), y = x.leftCols(2);
  const auto close = [](double value) { return test::Approx(value).epsilon(1e-14); };
  CHECK(trustworthiness(x, y, 1) == close(0.9689655172413794));
  CHECK(trustworthiness(x, y, 5) == close(0.9211538461538462));
  CHECK(trustworthiness(x, y, 12) == close(0.9263721552878179));
  CHECK(continuity(x, y, 1) == close(0.9841954022988506));
  CHECK(continuity(x, y, 5) == close(0.9621153846153846));
  CHECK(continuity(x, y, 12) == close(0.9398259705488621));
}

TEST_CASE("what moves no neighbour leaves trustworthiness as it is") {
  std::srand(1);
  const Matrix<double> x = Matrix<double>::Random(150, 5), y = Matrix<double>::Random(150, 3);
  const double value = trustworthiness(x, y);
  CHECK(value > 0.3);
  CHECK(value < 0.7);  // strangers
  CHECK(trustworthiness(x, y, 5, 1) == value);
  CHECK(continuity(y, x) == value);

  const double c = std::cos(1.0), s = std::sin(1.0);
  const Matrix<double> turn =
      Matrix<double>{{c, s, 0}, {-s, c, 0}, {0, 0, 1}} * Matrix<double>{{1, 0, 0}, {0, c, s}, {0, -s, c}};
  const Matrix<double> turned = ((y * turn) * 7).array() + 2;
  CHECK(trustworthiness(x, turned) == test::Approx(value).epsilon(1e-12));
  Eigen::PermutationMatrix<Eigen::Dynamic> order(150);
  order.setIdentity();
  for (Index i = 0; i < 75; ++i) order.applyTranspositionOnTheRight(i, (i * 37 + 11) % 150);
  CHECK(trustworthiness(Matrix<double>(order * x), Matrix<double>(order * y)) == test::Approx(value).epsilon(1e-12));

  // Neighbours of equal points are the same on both sides, too.
  Matrix<double> twice(160, 5);
  twice << x, x.topRows(10);
  CHECK(trustworthiness(x, x, 1) == 1);
  CHECK(trustworthiness(twice, twice, 70) == 1);
  CHECK_THROWS_WITH(trustworthiness(x, y, 75),
                    test::contains("n_neighbors is 75; expected at least 1 and less than half of the 150 samples"));
  CHECK_THROWS_WITH(trustworthiness(x, y.topRows(3)), test::contains("150 samples and 3 of their embedding"));
}

TEST_CASE("nearest neighbours: ties go to the earlier sample and to the smaller label") {
  const Matrix<float> x{{0}, {1}, {1}, {3}, {-1}};
  const std::vector<int> t = {7, 2, 1, 2, 1};
  const Matrix<float> query{{0}, {2}};
  CHECK(KNeighborsClassifier(x, t, 3).kneighbors(query) == Matrix<Index>{{0, 1, 2}, {1, 2, 3}});
  CHECK(KNeighborsClassifier(x, t, 1).predict(query) == std::vector{7, 2});
  CHECK(KNeighborsClassifier(x, t, 3).predict(query) == std::vector{1, 2});  // 7, 2, 1; 2, 1, 2
  CHECK(KNeighborsClassifier(x, t, 5).predict(query) == std::vector{1, 1});  // 1 and 2 twice each
  CHECK_THROWS_WITH(KNeighborsClassifier(x, t, 6), test::contains("n_neighbors is 6; expected 1 to 5"));
  CHECK_THROWS_WITH(KNeighborsClassifier(x, std::vector{1}), test::contains("there are 1 labels for 5 samples"));
  CHECK_THROWS_WITH(KNeighborsClassifier(x, t).predict(Matrix<float>::Zero(1, 2)), test::contains("expected 1"));

  // However many there are at a time.
  std::srand(2);
  const Matrix<float> many = Matrix<float>::Random(200, 3), queries = Matrix<float>::Random(150, 3);
  const Matrix<Index> found = KNeighborsClassifier(many, std::vector<int>(200), 4).kneighbors(queries);
  for (Index i = 0; i < queries.rows(); ++i) {
    const Eigen::VectorXf distances = (many.rowwise() - queries.row(i)).rowwise().squaredNorm();
    CHECK(distances[found(i, 0)] == distances.minCoeff());
    CHECK((distances.array() < distances[found(i, 3)]).count() == 3);
  }
}

TEST_CASE("the gradient of logistic regression") {
  const Matrix<double> x = points();
  const std::vector<int> t = labels();
  const LogisticLoss loss{x, t, 3, 0.1};
  std::srand(3);
  Eigen::VectorXd w = Eigen::VectorXd::Random(15), gradient(15), unused(15);
  (void)loss(w, gradient);
  for (Index k = 0; k < w.size(); ++k) {
    Eigen::VectorXd above = w, below = w;
    above[k] += 1e-6;
    below[k] -= 1e-6;
    CHECK(gradient[k] == test::Approx((loss(above, unused) - loss(below, unused)) / 2e-6).epsilon(1e-7).margin(1e-9));
  }
}

TEST_CASE("a linear probe is scikit-learn's logistic regression") {
  const Matrix<double> x = points();
  const LinearProbe probe(x, labels(), 0.5, {.max_iterations = 1000, .tolerance = 1e-10});
  const Eigen::Matrix3d expected{{0.147674169809, 0.596201939595, 0.256123890596},
                                 {0.095506970584, 0.636723874912, 0.267769154504},
                                 {0.284325982845, 0.324062977376, 0.391611039778}};
  CHECK(probe.predict_proba(x.topRows(3)).isApprox(expected, 1e-7));

  // Any invertible linear map leaves what a plane can tell; here scales and shifts, which the scaler undoes.
  const Matrix<double> moved = (x * Eigen::Vector4d(3, 0.1, 20, 1).asDiagonal()).array() + 5;
  CHECK(LinearProbe(moved, labels()).predict(moved) == LinearProbe(x, labels()).predict(x));
  CHECK_THROWS_WITH(LinearProbe(x, std::vector{1, 2}), test::contains("there are 2 labels for 60 samples"));
  CHECK_THROWS_WITH(LinearProbe(x, labels(), 0), test::contains("C is 0"));
  CHECK_THROWS_WITH(LinearProbe(Matrix<float>(0, 3), {}), test::contains("there are no samples"));
}

TEST_CASE("what a plane divides a probe divides") {
  std::srand(4);
  const Matrix<double> x = Matrix<double>::Random(300, 6);
  std::vector<int> t;
  for (Index i = 0; i < x.rows(); ++i) t.push_back(x(i, 0) + x(i, 3) > 0.1 ? 1 : 0);
  CHECK(accuracy(LinearProbe(x, t, 1000).predict(x), t) > 0.99);
}

TEST_CASE("few labels are as many of each") {
  std::vector<int> t(90, 0);
  for (std::size_t i = 0; i < 30; ++i) t[3 * i] = 1 + static_cast<int>(i % 2);
  const auto count = [&](const std::vector<Index>& of, int label) {
    return std::ranges::count_if(of, [&](Index i) { return t[static_cast<std::size_t>(i)] == label; });
  };
  const std::vector<Index> some = few_labels(t, 10, Seed{1}), again = few_labels(t, 10, Seed{1});
  CHECK(some == again);
  CHECK(some != few_labels(t, 10, Seed{2}));
  for (const int label : {0, 1, 2}) CHECK((count(some, label) == 3 || count(some, label) == 4));
  CHECK(count(few_labels(t, 50, Seed{1}), 0) == 20);  // all that there are of the others
  std::vector<Index> all = few_labels(t, 1000, Seed{1});
  std::ranges::sort(all);
  CHECK(all.size() == 90);
  CHECK(std::ranges::adjacent_find(all) == all.end());
}

}  // namespace test_embedding
