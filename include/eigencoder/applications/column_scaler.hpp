#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/scaler.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How a table's columns are brought to one scale, z = (x - centre) / scale:
enum class Scaling {
  standard,  ///< Scaler::standard
  min_max,   ///< Scaler::min_max
  robust     ///< Scaler::robust, of unit variance: interquartile range / 1.349
};

/// Throws std::invalid_argument, in the name of `where`, for an infinite value; NaN is missing, and allowed.
inline void require_not_infinite(const Matrix<double>& rows, const std::string& where) {
  for (Index row = 0; row < rows.rows(); ++row)
    for (Index column = 0; column < rows.cols(); ++column)
      if (std::isinf(rows(row, column)))
        throw std::invalid_argument(where + ": the value of row " + std::to_string(row) + ", column " +
                                    std::to_string(column) + " is infinite");
}

/// Brings a table's columns to one scale by a Scaler, and what is far off or missing to where a model can bear it.
class ColumnScaler {
 public:
  ColumnScaler() = default;

  /// From rows with NaN for what is missing. Throws std::invalid_argument if there are no rows or columns, or a value
  /// is infinite.
  ColumnScaler(const Matrix<double>& rows, Scaling scaling) {
    if (rows.rows() == 0 || rows.cols() == 0)
      throw std::invalid_argument("ColumnScaler: a table of " + std::to_string(rows.rows()) + " rows and " +
                                  std::to_string(rows.cols()) + " columns; expected at least one of each");
    require_not_infinite(rows, "ColumnScaler");
    const Scaler scaler = learnt(rows, scaling);
    centre_ = scaler.centre();
    scale_ = scaler.scale();
  }

  [[nodiscard]] Index columns() const { return centre_.size(); }

  /// z, brought back into [-limit, limit]; a missing value becomes 0, the centre.
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
  static Scaler learnt(const Matrix<double>& rows, Scaling scaling) {
    switch (scaling) {
      case Scaling::standard:
        return Scaler::standard(rows);
      case Scaling::min_max:
        return Scaler::min_max(rows);
      default:
        return Scaler::robust(rows, true);
    }
  }

  Eigen::RowVectorXd centre_;
  Eigen::RowVectorXd scale_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
