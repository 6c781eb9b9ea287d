#include "detector_arguments.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace examples {

DetectorArguments parse_detector_arguments(int argc, char** argv, const std::string& description) {
  DetectorArguments chosen;
  double contamination = 0;
  CLI::App app{description};
  app.option_defaults()->always_capture_default()->take_last();
  app.add_option("--train", chosen.train, "Table to learn from, a sample a line: .csv, .npy, or .npz with X (and y)")
      ->required()
      ->default_str("");
  app.add_option("--test", chosen.test, "Table to look for anomalies in")
      ->default_str("the training table, out of fold");
  app.add_option("--label-column", chosen.label_column,
                 "Column of labels (0: normal), which serve for the figures only: none, last, first, or a number from "
                 "0; the array "
                 "y of an .npz comes before it");
  app.add_option("--false-alarm-rate", chosen.false_alarm_rate, "Share of normal rows that may be called anomalies");
  const auto* share = app.add_option("--contamination", contamination,
                                     "Or the share of anomalies among the training rows, as many of which are alarmed")
                          ->default_str("none");
  app.add_option("--seed", chosen.seed, "Where all randomness comes from");
  app.add_option("--threads", chosen.threads, "Threads to train with; 0: all cores");
  app.add_option("--output", chosen.output, "Directory for scores.csv, attributions.csv and the pictures");
  app.add_option("--report", chosen.report, "HTML file for a report of what was found; none by default");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (share->count() > 0) chosen.contamination = contamination;
  return chosen;
}

}  // namespace examples
