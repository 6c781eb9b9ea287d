#pragma once

#include <eigencoder/core/shape.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace examples {

/// A table from a file, its labels, if any, apart from the rest.
struct Table {
  eigencoder::Matrix<double> rows;
  std::vector<int> labels;           ///< 0: normal, else an anomaly; empty: none are known
  std::vector<std::string> columns;  ///< their names, or else their numbers
};

/// Reads .csv (whose first line may name the columns), .npy, or .npz (array X and, if there is one, labels y).
/// `label_column` is "none", "last", "first" or a number from 0 on; labels y come before it.
/// A table of just `unlabelled` columns has no labels among them.
[[nodiscard]] Table read_table(const std::filesystem::path& path, const std::string& label_column,
                               eigencoder::Index unlabelled = 0);

}  // namespace examples
