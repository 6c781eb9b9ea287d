#include <eigencoder/applications/anomaly_detector.hpp>
#include <eigencoder/applications/anomaly_detector_file.hpp>
#include <eigencoder/applications/column_scaler.hpp>
#include <eigencoder/applications/detection_metrics.hpp>
#include <eigencoder/applications/whitening.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

// Compiled in examples/support/table_ensemble.cpp.
extern template class eigencoder::TableEnsemble<>;

namespace test_anomaly_detector {

using namespace eigencoder;
using test::Approx;
using test::contains;

namespace {

/// Rows of a correlated normal distribution; its first `anomalies` rows are shifted in the first two columns.
struct Table {
  Matrix<double> rows;
  std::vector<int> labels;

  Table(Index count, Index columns, Index anomalies, Seed seed)
      : rows(count, columns), labels(static_cast<std::size_t>(count)) {
    Random random(seed);
    for (Index i = 0; i < count; ++i) {
      const double common = random.normal<double>();
      for (Index j = 0; j < columns; ++j)
        rows(i, j) = static_cast<double>(j) + (common + random.normal<double>()) * static_cast<double>(j + 1);
      if (i >= anomalies) continue;
      rows(i, 0) += 7;
      rows(i, 1) -= 14;
      labels[static_cast<std::size_t>(i)] = 1;
    }
  }
};

AnomalyDetectorOptions small() {
  AnomalyDetectorOptions options;
  options.ensemble.members = 2;
  options.ensemble.training.steps = 30;
  options.threads = 1;
  return options;
}

}  // namespace

TEST_CASE("a detector finds anomalies that it was fitted to, and says by which columns") {
  const Table table(600, 6, 30, Seed{1});
  for (const auto method : {CalibrationMethod::split, CalibrationMethod::cross}) {
    AnomalyDetectorOptions options = small();
    options.calibration = method;
    AnomalyDetector detector(options);
    const Eigen::VectorXd scores = detector.fit(table.rows).score(table.rows);
    REQUIRE(roc_auc(scores, table.labels) > 0.95);
    const Matrix<double> shares = detector.attributions(table.rows);
    REQUIRE((shares.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-9);
    REQUIRE(shares.topRows(30).leftCols(2).rowwise().sum().mean() > 0.5);
    REQUIRE(shares.bottomRows(570).leftCols(2).rowwise().sum().mean() < 0.45);
  }
}

TEST_CASE("normal rows are alarmed at the promised rates, over 200 repetitions") {
  constexpr Index repetitions = 200, train = 250, held_out = 199, test = 50;
  const Table normal(repetitions * (train + test), 3, 0, Seed{2});
  const std::vector<double> rates{0.01, 0.05, 0.1};  // of 199 + 1 rows these are 2, 10 and 20
  std::vector<double> alarms(rates.size()), alarms_of_first(rates.size());
  for (Index k = 0; k < repetitions; ++k) {
    AnomalyDetectorOptions options = small();
    options.ensemble.members = 1;
    options.ensemble.training.steps = 2;
    options.calibration = CalibrationMethod::split;
    options.calibration_split = static_cast<double>(held_out) / train;
    options.seed = Seed{static_cast<std::uint64_t>(k)};
    AnomalyDetector detector(options);
    detector.fit(normal.rows.middleRows(k * (train + test), train));
    REQUIRE(detector.calibration_size() == held_out);
    const Eigen::VectorXd p = detector.p_values(normal.rows.middleRows(k * (train + test) + train, test));
    for (std::size_t r = 0; r < rates.size(); ++r) {
      alarms[r] += static_cast<double>((p.array() <= rates[r]).count());
      alarms_of_first[r] += p[0] <= rates[r] ? 1 : 0;
    }
  }
  for (std::size_t r = 0; r < rates.size(); ++r) {
    const double rate = rates[r], variance = rate * (1 - rate);
    // One row a repetition: binomial. All of them: those of a repetition share what they are compared with, which makes
    // their number beta-binomial.
    REQUIRE(std::abs(alarms_of_first[r] / repetitions - rate) < 4 * std::sqrt(variance / repetitions));
    const double shared = variance * (1.0 / test + 1.0 / held_out) / repetitions;
    REQUIRE(std::abs(alarms[r] / (repetitions * test) - rate) < 4 * std::sqrt(shared));
  }
}

TEST_CASE("with cross-conformal p-values few rows are alarmed at about the promised rate") {
  constexpr Index repetitions = 40, train = 59, test = 50;
  const Table normal(repetitions * (train + test), 3, 0, Seed{12});
  double alarms = 0;
  for (Index k = 0; k < repetitions; ++k) {
    AnomalyDetectorOptions options = small();
    options.ensemble.members = 1;
    options.ensemble.training.steps = 2;
    options.false_alarm_rate = 0.1;
    options.seed = Seed{static_cast<std::uint64_t>(k)};
    AnomalyDetector detector(options);
    detector.fit(normal.rows.middleRows(k * (train + test), train));
    REQUIRE(detector.calibration_size() == train);
    alarms += detector.predict(normal.rows.middleRows(k * (train + test) + train, test)).sum();
  }
  // 0.2 + is the guarantee.
  REQUIRE(alarms / (repetitions * test) > 0.07);
  REQUIRE(alarms / (repetitions * test) < 0.13);
}

TEST_CASE("a detector does not depend on threads, on units or on where columns are centred") {
  const Table table(300, 5, 10, Seed{3});
  const auto scores = [&](const Matrix<double>& rows, Index threads) {
    AnomalyDetectorOptions options = small();
    options.threads = threads;
    return AnomalyDetector(options).fit(rows).score(rows);
  };
  const Eigen::VectorXd expected = scores(table.rows, 1);
  REQUIRE(scores(table.rows, 2) == expected);
  REQUIRE(scores(table.rows, 0) == expected);
  Matrix<double> other = table.rows * 4;
  other.array() += 1024;
  REQUIRE((scores(other, 1) - expected).cwiseAbs().maxCoeff() < 1e-3);
}

TEST_CASE("p-values do not depend on the order of the rows asked for, and alarms are those at most the rate") {
  const Table table(400, 4, 20, Seed{4});
  AnomalyDetectorOptions options = small();
  options.false_alarm_rate = 0.05;
  AnomalyDetector detector(options);
  const Eigen::VectorXd p = detector.fit(table.rows).p_values(table.rows);
  const Matrix<double> reversed = table.rows.colwise().reverse();
  REQUIRE(detector.p_values(reversed).reverse() == p);
  REQUIRE(detector.predict(table.rows) == (p.array() <= 0.05).cast<int>().matrix());
  REQUIRE(p.minCoeff() >= 1.0 / 401);
  REQUIRE(p.maxCoeff() <= 1);
}

TEST_CASE("with a contamination as many training rows are alarmed, out of fold") {
  const Table table(200, 4, 20, Seed{5});
  AnomalyDetectorOptions options = small();
  options.contamination = 0.1;
  options.calibration = CalibrationMethod::cross;
  AnomalyDetector detector(options);
  detector.fit(table.rows);
  const Eigen::VectorXd scores = detector.out_of_fold_scores();
  REQUIRE(scores.size() == 200);
  REQUIRE((scores.array() > detector.threshold()).count() == 20);
  REQUIRE((detector.out_of_fold_p_values().array() <= 0.1).count() == 20);
  REQUIRE(roc_auc(scores, table.labels) > 0.95);
  REQUIRE(detector.predict(table.rows).head(20).sum() > 15);
}

TEST_CASE("any matrix of numbers is a table") {
  const Table table(120, 3, 0, Seed{6});
  const Eigen::MatrixXi integers = (table.rows * 3).cast<int>();
  AnomalyDetector detector(small());
  detector.fit(integers);
  REQUIRE(detector.score(integers) ==
          AnomalyDetector(small()).fit(Matrix<double>(integers.cast<double>())).score(integers));
  REQUIRE(detector.score(integers.topRows(1).cast<float>() * 1.0f).allFinite());
  REQUIRE(detector.score(integers.topRows(0)).size() == 0);
}

TEST_CASE("missing values are the column's median") {
  const Table table(200, 4, 0, Seed{7});
  Matrix<double> gaps = table.rows;
  for (Index i = 0; i < 200; i += 3) gaps(i, i % 4) = NAN;
  gaps.col(2).setConstant(NAN);
  AnomalyDetector detector(small());
  REQUIRE(detector.fit(gaps).score(gaps).allFinite());
  REQUIRE(detector.predict(Matrix<double>::Constant(3, 4, NAN)).sum() == 0);
}

TEST_CASE("tables of unusual shapes give numbers") {
  AnomalyDetectorOptions options = small();
  const auto scores = [&](const Matrix<double>& rows) { return AnomalyDetector(options).fit(rows).score(rows); };
  REQUIRE(scores(Matrix<double>::Constant(50, 3, 7)).allFinite());      // identical rows
  REQUIRE(scores(Matrix<double>::Random(20, 1)).allFinite());           // one column
  REQUIRE(scores(Matrix<double>::Random(10, 40)).allFinite());          // more columns than rows
  REQUIRE(scores(Matrix<double>::Random(30, 300)).allFinite());         // more than the largest compiled width
  REQUIRE(scores(Matrix<double>::Random(2, 3)).allFinite());            // the fewest rows
  REQUIRE(scores(Matrix<double>::Random(40, 3) * 1e300).allFinite());   // huge numbers
  REQUIRE(scores(Matrix<double>::Random(40, 3) * 1e-300).allFinite());  // tiny ones
  AnomalyDetector constant(options);
  constant.fit(Matrix<double>::Constant(150, 3, 7));
  REQUIRE(constant.predict(Matrix<double>::Constant(5, 3, 7)).sum() == 0);
  REQUIRE(constant.predict(Matrix<double>::Constant(5, 3, 100)).sum() == 5);
  for (const auto scaling : {Scaling::standard, Scaling::min_max})
    for (const bool whiten : {false, true}) {
      options.ensemble.scaling = scaling;
      options.ensemble.whiten = whiten;
      REQUIRE(scores(Matrix<double>::Random(50, 3)).allFinite());
    }
}

TEST_CASE("updated detectors go on learning") {
  const Table old(600, 4, 0, Seed{8}), drifted(600, 4, 0, Seed{9});
  const Matrix<double> shifted = drifted.rows.array() + 6;
  for (const auto method : {CalibrationMethod::split, CalibrationMethod::cross}) {
    AnomalyDetectorOptions options = small();
    options.false_alarm_rate = 0.05;
    options.calibration = method;
    AnomalyDetector detector(options);
    detector.fit(old.rows);
    const Index calibrated = detector.calibration_size();
    const int before = detector.predict(shifted).sum();
    detector.update(shifted);
    REQUIRE(detector.calibration_size() > calibrated + 100);
    REQUIRE(detector.predict(shifted).sum() < before);
    detector.update(shifted.topRows(1));
    if (method == CalibrationMethod::cross) REQUIRE(detector.out_of_fold_scores().size() == 1201);
  }
}

TEST_CASE("a saved detector is the same when it is loaded") {
  const test::TemporaryDirectory dir;
  const Table table(300, 300, 10, Seed{10});
  for (const bool whiten : {true, false}) {
    AnomalyDetectorOptions options = small();
    options.contamination = 0.05;
    options.ensemble.whiten = whiten;
    AnomalyDetector detector(options);
    REQUIRE_THROWS_WITH(save(detector, dir / "x"), contains("not fitted"));
    detector.fit(table.rows);
    save(detector, dir / "x");
    AnomalyDetector loaded;
    load(loaded, dir / "x");
    REQUIRE(loaded.score(table.rows) == detector.score(table.rows));
    REQUIRE(loaded.predict(table.rows) == detector.predict(table.rows));
    REQUIRE(loaded.p_values(table.rows) == detector.p_values(table.rows));
    REQUIRE(loaded.options().contamination == 0.05);
    loaded.update(table.rows);
    detector.update(table.rows);
    REQUIRE(loaded.score(table.rows) == detector.score(table.rows));
  }
  auto tensors = read_safetensors(dir / "x");
  const auto error = [&] {
    write_safetensors<double>(dir / "y", tensors);
    AnomalyDetector loaded;
    return test::message_of<std::runtime_error>([&] { load(loaded, dir / "y"); });
  };
  const auto good = tensors;
  tensors["fold0.scaler.scale"].shape = {300, 1};
  REQUIRE_THAT(error(), contains("y: has a tensor fold0.scaler.scale of shape (300, 1); expected 1 rows and 300"));
  tensors = good;
  tensors.erase("fold0.parameters");
  REQUIRE_THAT(error(), contains("no tensor fold0.parameters"));
  tensors = good;
  tensors["folds"].values[0] = 0;
  REQUIRE_THAT(error(), contains("has no folds"));
  tensors["folds"].values[0] = NAN;
  REQUIRE_THAT(error(), contains("has no number folds"));
  tensors = good;
  tensors["options.limit"].values[0] = -1;
  REQUIRE_THAT(error(), contains("limit is -1"));
}

TEST_CASE("what a detector cannot do is refused by a sentence") {
  const Table table(60, 3, 0, Seed{11});
  AnomalyDetector detector(small());
  REQUIRE_THROWS_WITH(detector.score(table.rows), contains("score: the detector is not fitted; call fit first"));
  REQUIRE_THROWS_WITH(detector.fit(table.rows.topRows(1)), contains("1 rows to fit; expected at least 2"));
  REQUIRE_THROWS_WITH(detector.fit(Matrix<double>(5, 0)), contains("0 columns"));
  Matrix<double> infinite = table.rows;
  infinite(3, 1) = INFINITY;
  REQUIRE_THROWS_WITH(detector.fit(infinite), contains("column 1 is infinite"));
  detector.fit(table.rows);
  REQUIRE_THROWS_WITH(detector.score(Matrix<double>::Zero(2, 4)), contains("the rows have 4 columns; expected 3"));
  REQUIRE_THROWS_WITH(detector.predict(infinite), contains("predict: the value of row 3, column 1 is infinite"));
  // 60 rows: no p-value below 1 / 61.
  REQUIRE_THROWS_WITH(detector.predict(table.rows), contains("60 rows to compare with give no p-value below 0.0163"));
  AnomalyDetectorOptions options = small();
  options.calibration = CalibrationMethod::split;
  REQUIRE_THROWS_WITH(AnomalyDetector(options).fit(table.rows).out_of_fold_scores(), contains("the rows were split"));
  REQUIRE_THROWS_WITH(AnomalyDetector({.false_alarm_rate = 0}), contains("false_alarm_rate is 0"));
  REQUIRE_THROWS_WITH(AnomalyDetector({.contamination = 1}), contains("contamination is 1"));
  REQUIRE_THROWS_WITH(AnomalyDetector({.folds = 1}), contains("folds is 1"));
  REQUIRE_THROWS_WITH(AnomalyDetector({.ensemble = {.trimmed = 1}}), contains("trimmed is 1"));
  REQUIRE_THROWS_WITH(AnomalyDetector({.ensemble = {.members = 0}}), contains("members is 0"));
}

TEST_CASE("columns are scaled by what scikit-learn's scalers take") {
  const Matrix<double> rows{{1, 0}, {2, 0}, {3, 0}, {4, 0}, {10, 1}};
  const Matrix<double> standard = ColumnScaler(rows, Scaling::standard).transform(rows, 1e9);
  REQUIRE(standard(4, 0) == Approx((10 - 4) / std::sqrt(10.0)));
  REQUIRE(standard.col(1).mean() == Approx(0).margin(1e-15));
  const Matrix<double> range = ColumnScaler(rows, Scaling::min_max).transform(rows, 1e9);
  REQUIRE(range(1, 0) == Approx(1.0 / 9));
  REQUIRE(range.maxCoeff() == 1);
  const Matrix<double> robust = ColumnScaler(rows, Scaling::robust).transform(rows, 1e9);
  REQUIRE(robust(4, 0) == Approx(7 * 1.349 / 2));
  // No quartiles apart: by the standard deviation, 0.4.
  REQUIRE(robust(4, 1) == Approx(2.5));
  REQUIRE(ColumnScaler(rows, Scaling::robust).transform(rows, 2)(4, 0) == 2);
}

TEST_CASE("missing, constant and huge values are scaled to numbers") {
  const Matrix<double> rows{{1, 0.1, NAN, 1e300, NAN}, {NAN, 0.1, NAN, -1e300, 3}, {3, 0.1, NAN, 0, NAN}};
  for (const Scaling scaling : {Scaling::standard, Scaling::min_max, Scaling::robust}) {
    const ColumnScaler scaler(rows, scaling);
    const Matrix<double> scaled = scaler.transform(rows, 6);
    REQUIRE(scaled.allFinite());
    REQUIRE(scaled(1, 0) == 0);
    REQUIRE(scaled.col(1).isZero(0));
    REQUIRE(scaled.col(2).isZero(0));
    REQUIRE(scaler.transform(Matrix<double>{{1, 0.6, 5, 0, 4}}, 6)(0, 1) == Approx(0.5));
  }
  REQUIRE_THROWS_WITH(ColumnScaler(Matrix<double>{{1, INFINITY}}, Scaling::robust),
                      contains("the value of row 0, column 1 is infinite"));
  REQUIRE_THROWS_WITH(ColumnScaler(Matrix<double>(0, 3), Scaling::robust), contains("0 rows and 3 columns"));
}

TEST_CASE("whitened columns have the shrunk covariance's inverse square root as their map") {
  const Matrix<double> mix{{1, 0.5, 0}, {0, 2, 0.3}, {0.1, 0, 1}};
  const Matrix<double> rows = Matrix<double>::Random(200, 3) * mix;
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  const Matrix<double> centred = rows.rowwise() - mean;
  const Eigen::MatrixXd covariance = centred.transpose() * centred / 199;
  const Eigen::MatrixXd shrunk = 0.7 * covariance + 0.3 * covariance.trace() / 3 * Eigen::MatrixXd::Identity(3, 3);
  const Matrix<double> white = Whitening(rows, 0.3).transform(rows, 1e9);
  // w w^T = z S^-1 z^T for all pairs of rows; with S^(-1/2), symmetric, w itself.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(shrunk);
  REQUIRE((white - centred * solver.operatorInverseSqrt()).cwiseAbs().maxCoeff() < 1e-10);
}

TEST_CASE("whitening by fewer rows than columns is the same formula") {
  const Matrix<double> rows = Matrix<double>::Random(6, 10);
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  const Matrix<double> centred = rows.rowwise() - mean;
  const Eigen::MatrixXd covariance = centred.transpose() * centred / 5;
  const Eigen::MatrixXd shrunk = 0.5 * covariance + 0.5 * covariance.trace() / 10 * Eigen::MatrixXd::Identity(10, 10);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(shrunk);
  const Matrix<double> white = Whitening(rows, 0.5).transform(rows, 1e9);
  REQUIRE((white - centred * solver.operatorInverseSqrt()).cwiseAbs().maxCoeff() < 1e-9);
}

TEST_CASE("rows that are all alike are whitened to their difference from these") {
  const Whitening whitening(Matrix<double>::Constant(4, 3, 2), 0.3);
  REQUIRE(whitening.transform(Matrix<double>::Constant(1, 3, 2), 6).isZero());
  REQUIRE(whitening.transform(Matrix<double>::Constant(1, 3, 2.5), 6).isApproxToConstant(0.5));
  REQUIRE(whitening.transform(Matrix<double>::Constant(1, 3, 1e9), 6).isApproxToConstant(6));
}

}  // namespace test_anomaly_detector
