#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/applications/column_scaler.hpp>
#include <eigencoder/applications/conformal.hpp>
#include <eigencoder/applications/table_ensemble.hpp>
#include <eigencoder/core/target.hpp>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How an AnomalyDetector knows which scores are high.
enum class CalibrationMethod {
  automatic,  ///< split from 1000 rows on, else cross
  /// A part of the training rows is held out. P(false alarm) <= false_alarm_rate, whatever the data.
  split,
  /// Each fold of the rows is held out from an ensemble of its own, so that all rows are learnt from and all are
  /// compared with: for few rows. P(false alarm) <= 2 false_alarm_rate + a term of order folds / rows whatever the
  /// data, and about false_alarm_rate as a rule. Source: Vovk, "Cross-conformal predictors", 2015; Barber, Candès,
  /// Ramdas, Tibshirani, "Predictive inference with the jackknife+", 2021 (CV+).
  cross
};

struct AnomalyDetectorOptions {
  /// The probability with which a row like the training rows is called an anomaly.
  double false_alarm_rate = 0.01;
  /// Or, instead: the share of anomalies among the training rows; as many of them, out of fold, are called so.
  std::optional<double> contamination{};
  CalibrationMethod calibration = CalibrationMethod::automatic;
  /// The share of the rows that is held out for `split`, and the number of parts for `cross`.
  double calibration_split = 0.25;
  Index folds = 5;
  TableEnsembleOptions ensemble{};
  /// Where all randomness comes from: the same seed, rows and options give the same detector on the same machine.
  Seed seed{};
  /// 0: all cores. The result does not depend on it.
  Index threads = 0;

  template <class Archive>
  void visit(Archive& archive) {
    archive.number("false_alarm_rate", false_alarm_rate);
    double some_contamination = contamination.value_or(0);
    archive.number("contamination", some_contamination);
    contamination = some_contamination > 0 ? std::optional(some_contamination) : std::nullopt;
    archive.number("calibration_split", calibration_split);
    archive.number("scaling", ensemble.scaling);
    archive.number("whiten", ensemble.whiten);
    archive.number("shrinkage", ensemble.shrinkage);
    archive.number("limit", ensemble.limit);
    archive.number("trimmed", ensemble.trimmed);
    archive.number("members", ensemble.members);
    archive.number("steps", ensemble.training.steps);
    archive.number("batch_size", ensemble.training.batch_size);
    archive.number("learning_rate", ensemble.training.learning_rate);
    archive.number("noise", ensemble.training.noise);
  }

  /// Throws std::invalid_argument that names the option.
  void check() const {
    const auto require = [](bool good, const char* name, double value, const char* expected) {
      if (!good)
        throw std::invalid_argument("AnomalyDetector: " + std::string(name) + " is " + std::to_string(value) +
                                    "; expected " + expected);
    };
    const auto share = [](double value) { return value > 0 && value < 1; };
    require(share(false_alarm_rate), "false_alarm_rate", false_alarm_rate, "one in (0, 1)");
    require(share(contamination.value_or(0.5)), "contamination", contamination.value_or(0), "one in (0, 1)");
    require(share(calibration_split), "calibration_split", calibration_split, "one in (0, 1)");
    require(folds >= 2, "folds", static_cast<double>(folds), "at least 2");
    require(ensemble.shrinkage > 0 && ensemble.shrinkage <= 1, "shrinkage", ensemble.shrinkage, "one in (0, 1]");
    require(ensemble.limit > 0 && std::isfinite(ensemble.limit), "limit", ensemble.limit, "a finite number above 0");
    require(ensemble.trimmed >= 0 && ensemble.trimmed < 1, "trimmed", ensemble.trimmed, "one in [0, 1)");
    require(ensemble.members >= 1, "members", static_cast<double>(ensemble.members), "at least 1");
    require(ensemble.training.steps >= 1, "steps", static_cast<double>(ensemble.training.steps), "at least 1");
    require(ensemble.training.batch_size >= 1, "batch_size", static_cast<double>(ensemble.training.batch_size),
            "at least 1");
    require(ensemble.training.noise >= 0 && std::isfinite(ensemble.training.noise), "noise", ensemble.training.noise,
            "a finite number >= 0");
    (void)Workers::count(threads, 1);
  }
};

/// Finds rows of a table that are unlike those it was fitted to, with a promise about false alarms.
///
///     AnomalyDetector detector({.false_alarm_rate = 0.01});
///     detector.fit(X);
///     const Eigen::VectorXi alarms = detector.predict(Y);  // 1: an anomaly
///
/// Let one file of a program compile what takes long: see TableEnsemble.
///
/// X is any Eigen matrix of numbers, one sample a row, with NaN for what is missing. Labels are not needed, and
/// anomalies may be among the training rows; they only make alarms fewer. A score is the sum of the row's errors in a
/// TableEnsemble: high for what is unlike the training rows. Names and meanings are those of scikit-learn and PyOD.
class AnomalyDetector {
 public:
  /// Throws std::invalid_argument for an option out of its range.
  explicit AnomalyDetector(AnomalyDetectorOptions options = {}) : options_(options) { options_.check(); }

  [[nodiscard]] const AnomalyDetectorOptions& options() const { return options_; }
  [[nodiscard]] bool is_fitted() const { return !folds_.empty(); }
  [[nodiscard]] Index columns() const { return is_fitted() ? folds_[0].ensemble.columns() : 0; }

  /// Learns what is normal. Throws std::invalid_argument for fewer than two rows, no columns, or an infinite value.
  template <class Rows>
  AnomalyDetector& fit(const Eigen::DenseBase<Rows>& rows) {
    return fit_numbers(numbers(rows));
  }

  /// Goes on learning: on new rows from the same source, or from one that has changed slowly. The part of them that is
  /// held out joins the rows that scores are compared with, which are all scored anew. Scales stay as they are.
  template <class Rows>
  AnomalyDetector& update(const Eigen::DenseBase<Rows>& rows) {
    return update_numbers(checked(numbers(rows), "update"));
  }

  /// How unlike the training rows each row is.
  template <class Rows>
  [[nodiscard]] Eigen::VectorXd score(const Eigen::DenseBase<Rows>& rows) const {
    return scores_by_fold(checked(numbers(rows), "score")).rowwise().mean();
  }

  /// The probability that a row like the training rows has a score as high: (1 + #{i: s_i >= s}) / (n + 1) for the n
  /// rows held out, each with the ensemble that did not see it.
  template <class Rows>
  [[nodiscard]] Eigen::VectorXd p_values(const Eigen::DenseBase<Rows>& rows) const {
    const Eigen::VectorXd above = counts_above(checked(numbers(rows), "p_values"));
    return (above.array() + 1) / static_cast<double>(calibration_size() + 1);
  }

  /// 1 for rows that are called anomalies, else 0: those with p <= false_alarm_rate or, if there is a contamination,
  /// those with as high a score as this share of the training rows.
  /// Throws std::invalid_argument if there are too few training rows for any p-value to be so low.
  template <class Rows>
  [[nodiscard]] Eigen::VectorXi predict(const Eigen::DenseBase<Rows>& rows) const {
    const Eigen::VectorXd above = counts_above(checked(numbers(rows), "predict"));
    return (above.array() <= allowed()).cast<int>();
  }

  /// Each column's share of a row's score; the shares of a row sum to 1. Of a row without any error they are all equal.
  template <class Rows>
  [[nodiscard]] Matrix<double> attributions(const Eigen::DenseBase<Rows>& rows) const {
    const Matrix<double> values = checked(numbers(rows), "attributions");
    Matrix<double> errors = Matrix<double>::Zero(values.rows(), values.cols());
    for (const Fold& fold : folds_) errors += fold.ensemble.errors(values, options_.threads);
    for (Index row = 0; row < errors.rows(); ++row) {
      const double sum = errors.row(row).sum();
      if (sum > 0) {
        errors.row(row) /= sum;
      } else {
        errors.row(row).setConstant(1 / static_cast<double>(errors.cols()));
      }
    }
    return errors;
  }

  /// The scores and p-values of the training rows, each from what had not seen it, in their order; with `cross` only,
  /// as `split` has them of a part of the rows. A row's p-value is among all of them: #{i: s_i >= s} / n.
  [[nodiscard]] Eigen::VectorXd out_of_fold_scores() const {
    require_cross("out_of_fold_scores");
    Eigen::VectorXd scores(calibration_size());
    for (const Fold& fold : folds_) scores(fold.numbers) = fold.scores;
    return scores;
  }
  [[nodiscard]] Eigen::VectorXd out_of_fold_p_values() const {
    const Eigen::VectorXd scores = out_of_fold_scores();
    const ConformalCalibration all(scores);
    return scores.unaryExpr([&](double score) { return static_cast<double>(all.count_at_least(score)); }) /
           static_cast<double>(all.size());
  }

  /// How many rows scores are compared with, and the score above which `predict` gives 1; with `cross` about, since
  /// there each fold has its own scores.
  [[nodiscard]] Index calibration_size() const {
    Index size = 0;
    for (const Fold& fold : folds_) size += fold.scores.size();
    return size;
  }
  [[nodiscard]] double threshold() const {
    require_fitted("threshold");
    std::vector<double> scores;
    for (const Fold& fold : folds_) scores.insert(scores.end(), fold.scores.begin(), fold.scores.end());
    std::ranges::sort(scores, std::greater{});
    const auto place = static_cast<std::size_t>(allowed());
    return place < scores.size() ? scores[place] : -std::numeric_limits<double>::infinity();
  }

  /// Shows an archive, one that writes or one that reads, all that the detector knows: archive(name, matrix, rows,
  /// columns) with the size that it must have, -1 for any, archive.number(name, value) and
  /// archive.enter(prefix of names, function). See anomaly_detector_file.hpp.
  template <class Archive>
  void visit(Archive& archive) {
    archive.enter("options.", [&] { options_.visit(archive); });
    Index count = std::ssize(folds_), columns = this->columns();
    archive.number("folds", count);
    archive.number("columns", columns);
    archive.number("rows", known_rows_);
    for (Index k = 0; k < count; ++k) {
      if (k == std::ssize(folds_)) folds_.emplace_back();
      Fold& fold = folds_[static_cast<std::size_t>(k)];
      archive.enter("fold" + std::to_string(k) + ".", [&] {
        archive("scores", fold.scores, -1, 1);
        archive("rows", fold.rows, fold.scores.size(), columns);
        archive("numbers", fold.numbers, fold.scores.size(), 1);
        fold.calibration = ConformalCalibration(fold.scores);
        fold.ensemble.visit(archive, options_.ensemble, columns);
      });
    }
  }

 private:
  /// An ensemble, and rows that it has not seen.
  struct Fold {
    TableEnsemble<> ensemble;
    Matrix<double> rows;
    Vector<Index> numbers;  ///< of these rows among the training rows
    Eigen::VectorXd scores;
    ConformalCalibration calibration;  ///< by these scores

    void compare(Index threads) {
      scores = ensemble.errors(rows, threads).rowwise().sum();
      calibration = ConformalCalibration(scores);
    }
  };

  template <class Rows>
  static Matrix<double> numbers(const Eigen::DenseBase<Rows>& rows) {
    static_assert(std::is_arithmetic_v<typename Rows::Scalar>, "AnomalyDetector: the matrix must hold real numbers");
    return rows.derived().template cast<double>();
  }

  void require_fitted(const char* where) const {
    if (!is_fitted()) throw std::invalid_argument(std::string(where) + ": the detector is not fitted; call fit first");
  }
  void require_cross(const char* where) const {
    require_fitted(where);
    if (folds_.size() < 2)
      throw std::invalid_argument(std::string(where) +
                                  ": the rows were split; fit with {.calibration = CalibrationMethod::cross}");
  }

  [[nodiscard]] Matrix<double> checked(Matrix<double> rows, const char* where) const {
    require_fitted(where);
    if (rows.cols() != columns())
      throw std::invalid_argument(std::string(where) + ": the rows have " + std::to_string(rows.cols()) +
                                  " columns; expected " + std::to_string(columns()) + ", as in fit");
    require_not_infinite(rows, where);
    return rows;
  }

  /// Deals the rows out, in random order: the first `held_out` to one fold, or all to several.
  AnomalyDetector& fit_numbers(const Matrix<double>& rows) {
    if (rows.rows() < 2)
      throw std::invalid_argument("AnomalyDetector: " + std::to_string(rows.rows()) +
                                  " rows to fit; expected at least 2, to learn from one and compare with the other");
    const bool split = options_.calibration == CalibrationMethod::split ||
                       (options_.calibration == CalibrationMethod::automatic && rows.rows() >= 1000);
    std::vector<Fold> folds;
    if (split) {
      const auto share = static_cast<Index>(std::lround(options_.calibration_split * static_cast<double>(rows.rows())));
      const Index held_out = std::clamp<Index>(share, 1, rows.rows() - 1);
      folds.push_back(make_fold(rows, 0, held_out, 0));
    } else {
      const Index count = std::min(options_.folds, rows.rows());
      for (Index k = 0; k < count; ++k)
        folds.push_back(make_fold(rows, rows.rows() * k / count, rows.rows() * (k + 1) / count, k));
    }
    folds_ = std::move(folds);
    known_rows_ = rows.rows();
    return *this;
  }

  /// An ensemble of all rows but those from the first to before the last of a random order, which are held out.
  [[nodiscard]] Fold make_fold(const Matrix<double>& rows, Index first, Index last, Index number) const {
    std::vector<Index> order(static_cast<std::size_t>(rows.rows()));
    std::iota(order.begin(), order.end(), Index{0});
    Random(options_.seed, Stream::shuffle).shuffle(order);
    Fold fold;
    fold.numbers = Eigen::Map<const Vector<Index>>(order.data() + first, last - first);
    order.erase(order.begin() + first, order.begin() + last);
    // The rows that are learnt from in their own order, so that only which they are is random.
    std::ranges::sort(order);
    fold.rows = select_rows(rows, fold.numbers);
    fold.ensemble = TableEnsemble<>(select_rows(rows, order), options_.ensemble,
                                    Seed{Random(options_.seed, Stream::parameters, number)()}, options_.threads);
    fold.compare(options_.threads);
    return fold;
  }

  /// Deals the rows out as `fit` does, but each by its own lot, since there may be few.
  AnomalyDetector& update_numbers(const Matrix<double>& rows) {
    Random random(options_.seed, Stream::corruption, known_rows_);
    constexpr Index nobody = -1;
    std::vector<Index> holders;
    for (Index row = 0; row < rows.rows(); ++row) {
      const bool held_out = folds_.size() > 1 || random.uniform<double>() < options_.calibration_split;
      holders.push_back(held_out ? static_cast<Index>(random.below(folds_.size())) : nobody);
    }
    std::vector<Fold> folds = folds_;
    for (Index k = 0; k < std::ssize(folds); ++k) {
      std::vector<Index> seen, held_out;
      for (Index row = 0; row < rows.rows(); ++row)
        (holders[static_cast<std::size_t>(row)] == k ? held_out : seen).push_back(row);
      Fold& fold = folds[static_cast<std::size_t>(k)];
      if (!seen.empty()) fold.ensemble.train(select_rows(rows, seen), Seed{random()}, options_.threads);
      const Index old = fold.rows.rows(), added = std::ssize(held_out);
      fold.rows.conservativeResize(old + added, Eigen::NoChange);
      fold.rows.bottomRows(added) = select_rows(rows, held_out);
      fold.numbers.conservativeResize(old + added);
      fold.numbers.tail(added) = Eigen::Map<const Vector<Index>>(held_out.data(), added).array() + known_rows_;
      fold.compare(options_.threads);
    }
    folds_ = std::move(folds);
    known_rows_ += rows.rows();
    return *this;
  }

  [[nodiscard]] Matrix<double> scores_by_fold(const Matrix<double>& rows) const {
    Matrix<double> scores(rows.rows(), std::ssize(folds_));
    for (std::size_t k = 0; k < folds_.size(); ++k)
      scores.col(static_cast<Index>(k)) = folds_[k].ensemble.errors(rows, options_.threads).rowwise().sum();
    return scores;
  }

  /// For each row, how many of the rows held out have as high a score.
  [[nodiscard]] Eigen::VectorXd counts_above(const Matrix<double>& rows) const {
    const Matrix<double> scores = scores_by_fold(rows);
    Eigen::VectorXd counts = Eigen::VectorXd::Zero(rows.rows());
    for (std::size_t k = 0; k < folds_.size(); ++k) {
      for (Index row = 0; row < rows.rows(); ++row)
        counts[row] += static_cast<double>(folds_[k].calibration.count_at_least(scores(row, static_cast<Index>(k))));
    }
    return counts;
  }

  /// The most rows held out that may have as high a score as an anomaly.
  [[nodiscard]] double allowed() const {
    const auto n = static_cast<double>(calibration_size());
    constexpr double rounding = 1 + 1e-12;  // 0.29 * 100 is less than 29
    if (options_.contamination) return std::floor(*options_.contamination * n * rounding);
    const double alarms = std::floor(options_.false_alarm_rate * (n + 1) * rounding);
    if (alarms < 1)
      throw std::invalid_argument("AnomalyDetector: " + std::to_string(calibration_size()) +
                                  " rows to compare with give no p-value below " + std::to_string(1 / (n + 1)) +
                                  ", so none of false_alarm_rate = " + std::to_string(options_.false_alarm_rate) +
                                  "; expected more rows in fit, a higher rate, or a contamination");
    return alarms - 1;
  }

  AnomalyDetectorOptions options_;
  std::vector<Fold> folds_;
  /// Of how many rows `numbers` of the folds are.
  Index known_rows_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
