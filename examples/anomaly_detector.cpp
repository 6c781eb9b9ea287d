// Finds the rows of a table that are unlike those of another, with a promised rate of false alarms.
#include <chrono>
#include <eigencoder/applications/anomaly_detector.hpp>
#include <eigencoder/applications/anomaly_detector_file.hpp>
#include <eigencoder/applications/detection_charts.hpp>
#include <eigencoder/applications/detection_metrics.hpp>
#include <eigencoder/inspect/finding.hpp>
#include <eigencoder/io/png.hpp>
#include <filesystem>
#include <iostream>
#include <limits>
#include <numeric>
#include <sstream>

#include "support/detection_report.hpp"
#include "support/detector_arguments.hpp"
#include "support/guarded.hpp"
#include "support/table_file.hpp"

using namespace eigencoder;

// Compiled in support/table_ensemble.cpp.
extern template class eigencoder::TableEnsemble<>;

namespace {

struct Found {
  Eigen::VectorXd scores;
  Eigen::VectorXd p_values;
  Eigen::VectorXi alarms;
};

/// The training rows, each by a model that has not seen it.
Found find_out_of_fold(const AnomalyDetector& detector, double rate) {
  const Eigen::VectorXd p = detector.out_of_fold_p_values();
  return {detector.out_of_fold_scores(), p, (p.array() <= rate).cast<int>()};
}

Found find(const AnomalyDetector& detector, const Matrix<double>& rows) {
  Found found{detector.score(rows), detector.p_values(rows), Eigen::VectorXi::Zero(rows.rows())};
  try {
    found.alarms = detector.predict(rows);
  } catch (const std::invalid_argument& error) {
    std::cerr << "no alarms: " << error.what() << "\n";
  }
  return found;
}

std::string scores_csv(const Found& found) {
  std::ostringstream text;
  text.precision(9);
  text << "score,p_value,alarm\n";
  for (Index row = 0; row < found.scores.size(); ++row)
    text << found.scores[row] << "," << found.p_values[row] << "," << found.alarms[row] << "\n";
  return text.str();
}

/// A line for each alarm: the row's number and each column's share of its score.
std::string attributions_csv(const AnomalyDetector& detector, const examples::Table& table,
                             const Eigen::VectorXi& alarms) {
  std::ostringstream text;
  text << "row";
  for (const std::string& name : table.columns) text << "," << name;
  text << "\n";
  std::vector<Index> alarmed;
  for (Index row = 0; row < alarms.size(); ++row)
    if (alarms[row] != 0) alarmed.push_back(row);
  const Matrix<double> shares = detector.attributions(select_rows(table.rows, alarmed));
  for (std::size_t k = 0; k < alarmed.size(); ++k) {
    text << alarmed[k];
    for (const double share : shares.row(static_cast<Index>(k))) text << "," << share;
    text << "\n";
  }
  return text.str();
}

/// The twenty rows with the highest scores.
std::vector<Index> highest(const Eigen::VectorXd& scores) {
  std::vector<Index> order(static_cast<std::size_t>(scores.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, std::greater{}, [&](Index row) { return scores[row]; });
  order.resize(std::min<std::size_t>(order.size(), 20));
  return order;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  return examples::guarded([&] {
    const auto arguments = examples::parse_detector_arguments(
        argc, argv, "Finds rows of a table that are unlike those of another, with a promised rate of false alarms");
    const bool out_of_fold = arguments.test.empty();
    const examples::Table train = examples::read_table(arguments.train, arguments.label_column);
    const examples::Table test =
        out_of_fold ? train : examples::read_table(arguments.test, arguments.label_column, train.rows.cols());
    std::filesystem::create_directories(arguments.output);

    // What is told on the way is told in the report, too.
    std::vector<std::pair<std::string, std::string>> figures;
    const auto tell = [&](const std::string& name, const auto&... values) {
      std::ostringstream text;
      (text << ... << values);
      figures.emplace_back(name, text.str());
      std::cout << name << " " << text.str() << "\n" << std::flush;
    };
    tell("train", train.rows.rows(), " rows, ", train.rows.cols(), " columns");
    AnomalyDetectorOptions options{.false_alarm_rate = arguments.false_alarm_rate,
                                   .contamination = arguments.contamination,
                                   .seed = arguments.seed,
                                   .threads = arguments.threads};
    if (out_of_fold) options.calibration = CalibrationMethod::cross;
    AnomalyDetector detector(options);
    const auto start = std::chrono::steady_clock::now();
    detector.fit(train.rows);
    tell("trained in", seconds_since(start), " seconds, compared with ", detector.calibration_size(), " rows held out");

    const auto scoring = std::chrono::steady_clock::now();
    const double rate = arguments.contamination.value_or(arguments.false_alarm_rate);
    const Found found = out_of_fold ? find_out_of_fold(detector, rate) : find(detector, test.rows);
    tell(out_of_fold ? "scored out of fold" : "test", test.rows.rows(), " rows, ", test.rows.cols(), " columns, in ",
         seconds_since(scoring), " seconds");
    tell("alarms", found.alarms.sum());

    const auto write = [&](const char* name, const std::string& text) {
      write_file(arguments.output / name, {text});
      std::cout << "wrote " << (arguments.output / name).string() << "\n";
    };
    write("scores.csv", scores_csv(found));
    write("attributions.csv", attributions_csv(detector, test, found.alarms));
    save(detector, arguments.output / "detector.safetensors");
    // The lowest score that was alarmed; what is not there is not drawn.
    double threshold = std::numeric_limits<double>::infinity();
    for (Index row = 0; row < found.scores.size(); ++row)
      if (found.alarms[row] != 0) threshold = std::min(threshold, found.scores[row]);
    write_png(arguments.output / "histogram.png", score_histogram(found.scores, threshold, test.labels));
    const auto normal = std::ranges::count(test.labels, 0);
    if (normal > 0 && normal < std::ssize(test.labels)) {
      write_png(arguments.output / "roc.png", roc_chart(found.scores, test.labels));
      tell("ROC-AUC", roc_auc(found.scores, test.labels));
      tell("average precision", average_precision(found.scores, test.labels));
      tell("precision at n", precision_at_n(found.scores, test.labels));
      Index false_alarms = 0;
      for (std::size_t row = 0; row < test.labels.size(); ++row)
        if (test.labels[row] == 0) false_alarms += found.alarms[static_cast<Index>(row)];
      tell("false alarms", false_alarms, " of ", normal, " normal rows");
    }
    if (arguments.report.empty()) return;
    const std::vector<Index> rows = highest(found.scores);
    std::cout << "writing " << arguments.report.string() << "\n";
    examples::write_report(
        arguments.report,
        {figures,
         found.scores,
         found.p_values,
         found.alarms,
         threshold,
         test.labels,
         rows,
         detector.attributions(select_rows(test.rows, rows)),
         test.columns,
         {{"train", arguments.train.string()},
          {"test", out_of_fold ? "the training table, out of fold" : arguments.test.string()},
          {"false alarm rate", inspect::short_number(arguments.false_alarm_rate)},
          {"contamination", arguments.contamination ? inspect::short_number(*arguments.contamination) : "none"},
          {"seed", std::to_string(arguments.seed)},
          {"threads", arguments.threads == 0 ? "all cores" : std::to_string(arguments.threads)}}});
  });
}
