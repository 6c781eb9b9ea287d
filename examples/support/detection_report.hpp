#pragma once

#include <eigencoder/core/shape.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace examples {

/// What there is to see of a search for anomalies.
struct Detection {
  std::vector<std::pair<std::string, std::string>> figures;
  Eigen::VectorXd scores, p_values;
  Eigen::VectorXi alarms;
  /// The lowest score that was alarmed; infinity if none was.
  double threshold;
  std::vector<int> labels;  ///< 0: normal; empty: none are known
  /// The rows with the highest scores, and each column's share of theirs.
  std::vector<eigencoder::Index> highest;
  eigencoder::Matrix<double> shares;
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::string>> settings;
};

/// Writes it as one HTML file. Throws std::runtime_error naming the file if it cannot be written.
void write_report(const std::filesystem::path& path, const Detection& detection);

}  // namespace examples
