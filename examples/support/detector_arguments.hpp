#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace examples {

/// What the anomaly detector takes from the command line.
struct DetectorArguments {
  std::filesystem::path train{};
  std::filesystem::path test{};  ///< empty: the training rows
  std::string label_column = "none";
  double false_alarm_rate = 0.01;
  std::optional<double> contamination{};
  std::uint64_t seed = 1;
  int threads = 0;
  std::filesystem::path output = ".";
  std::filesystem::path report{};  ///< an HTML file; empty: none
};

/// Reads the command line. Ends the program after --help and after what is no argument.
[[nodiscard]] DetectorArguments parse_detector_arguments(int argc, char** argv, const std::string& description);

}  // namespace examples
