#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How a table's columns are brought to one scale, z = (x - centre) / scale:
enum class Scaling {
  standard,  ///< mean and standard deviation. scikit-learn: StandardScaler
  min_max,   ///< the smallest value and the range, so that the training rows lie in [0, 1]. MinMaxScaler
  robust     ///< median and interquartile range / 1.349, which is the standard deviation of normal values. RobustScaler
};

/// Learns each column's centre and scale from a table with NaN for what is missing; the columns' means and deviations
/// are over what there is.
///
/// The scale of a column with no interquartile range is its standard deviation, and of one with no deviation 1: it
/// gives 0 for the value that all rows have. A missing value becomes 0, the centre.
class ColumnScaler {
 public:
  ColumnScaler() = default;

  /// Throws std::invalid_argument if there are no rows or columns, or a value is infinite.
  ColumnScaler(const Matrix<double>& rows, Scaling scaling)
      : centre_(Eigen::RowVectorXd::Zero(rows.cols())), scale_(Eigen::RowVectorXd::Ones(rows.cols())) {
    if (rows.rows() == 0 || rows.cols() == 0)
      throw std::invalid_argument("ColumnScaler: a table of " + std::to_string(rows.rows()) + " rows and " +
                                  std::to_string(rows.cols()) + " columns; expected at least one of each");
    std::vector<double> values;
    for (Index column = 0; column < rows.cols(); ++column) {
      values.clear();
      for (Index row = 0; row < rows.rows(); ++row) {
        if (std::isinf(rows(row, column)))
          throw std::invalid_argument("ColumnScaler: the value of row " + std::to_string(row) + ", column " +
                                      std::to_string(column) + " is infinite");
        if (!std::isnan(rows(row, column))) values.push_back(rows(row, column));
      }
      if (!values.empty()) learn(values, scaling, centre_[column], scale_[column]);
    }
  }

  [[nodiscard]] Index columns() const { return centre_.size(); }

  /// z, brought back into [-limit, limit].
  [[nodiscard]] Matrix<double> transform(const Matrix<double>& rows, double limit) const {
    return rows.binaryExpr(centre_.replicate(rows.rows(), 1), [](double x, double c) { return x - c; })
        .binaryExpr(scale_.replicate(rows.rows(), 1), [limit](double difference, double s) {
          return std::isnan(difference) ? 0.0 : std::clamp(difference / s, -limit, limit);
        });
  }

  template <class Archive>
  void visit(Archive& archive, Index columns) {
    archive("centre", centre_, 1, columns);
    archive("scale", scale_, 1, columns);
  }

 private:
  static void learn(std::vector<double>& values, Scaling scaling, double& centre, double& scale) {
    const Eigen::Map<const Eigen::VectorXd> all(values.data(), std::ssize(values));
    // A constant column's mean need not be its value, to rounding.
    if (all.minCoeff() == all.maxCoeff()) {
      centre = all[0];
      return;
    }
    const double mean = all.mean();
    const double deviation = std::sqrt((all.array() - mean).square().mean());
    switch (scaling) {
      case Scaling::standard:
        centre = mean;
        scale = deviation;
        break;
      case Scaling::min_max:
        centre = all.minCoeff();
        scale = all.maxCoeff() - centre;
        break;
      case Scaling::robust:
        centre = quantile(values, 0.5);
        scale = (quantile(values, 0.75) - quantile(values, 0.25)) / 1.349;
        if (!(scale > 0)) scale = deviation;
        break;
    }
    // Differences too small or too large for a double's square.
    if (!(scale > 0 && std::isfinite(scale))) scale = 1;
  }

  /// Between the two order statistics around q (n - 1), as NumPy does by default.
  static double quantile(std::vector<double>& values, double q) {
    const double place = q * static_cast<double>(values.size() - 1);
    const auto below = values.begin() + static_cast<std::ptrdiff_t>(place);
    std::ranges::nth_element(values, below);
    const double part = place - std::floor(place);
    if (part == 0) return *below;
    return *below + part * (*std::ranges::min_element(below + 1, values.end()) - *below);
  }

  Eigen::RowVectorXd centre_;
  Eigen::RowVectorXd scale_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
