#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/principal_components.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Makes columns uncorrelated with as little change as possible: w = S^(-1/2) (z - m), with the mean m of some rows and
/// their covariance C, shrunk to S = (1 - a) C + a t I, where t is C's mean variance and a the shrinkage. So |w|^2 is
/// the squared Mahalanobis distance, and w_k the part of it that is column k's.
///
/// With at most `Whitening::most_columns` columns C is that of all rows given, else of as many as that, which give its
/// leading directions; in the others S is a t.
/// Source: Kessy, Lewin, Strimmer, "Optimal whitening and decorrelation", 2018 (ZCA); Garthwaite, Koch, "Evaluating the
/// contributions of individual variables to a quadratic form", 2016; Ledoit, Wolf, "A well-conditioned estimator for
/// large-dimensional covariance matrices", 2004 (shrinkage).
class Whitening {
 public:
  static constexpr Index most_columns = 256;

  Whitening() = default;

  /// From at least one row; shrinkage in (0, 1].
  Whitening(const Matrix<double>& rows, double shrinkage) : mean_(rows.colwise().mean()) {
    const Index columns = rows.cols();
    const Index used = columns > most_columns ? std::min(rows.rows(), most_columns) : rows.rows();
    const Matrix<double> centred =
        (rows.topRows(used).rowwise() - mean_) / std::sqrt(static_cast<double>(std::max<Index>(used - 1, 1)));
    const double mean_variance = centred.squaredNorm() / static_cast<double>(columns);
    directions_.resize(columns, 0);
    gains_.resize(0);
    if (!(mean_variance > 0)) return;  // nothing to learn of rows that are all alike
    const double rest = shrinkage * mean_variance;
    floor_ = 1 / std::sqrt(rest);

    const PrincipalAxes axes(centred);
    const Index kept = (axes.eigenvalues.array() > 0).count();
    directions_ = axes.directions.leftCols(kept);
    gains_ = ((1 - shrinkage) * axes.eigenvalues.head(kept).transpose().array() + rest).rsqrt() - floor_;
  }

  /// w, brought back into [-limit, limit].
  [[nodiscard]] Matrix<double> transform(const Matrix<double>& rows, double limit) const {
    Matrix<double> white = rows.rowwise() - mean_;
    if (directions_.cols() > 0) {
      const Matrix<double> along = (white * directions_).array().rowwise() * gains_.array();
      white = floor_ * white + along * directions_.transpose();
    }
    return white.cwiseMax(-limit).cwiseMin(limit);
  }

  template <class Archive>
  void visit(Archive& archive, Index columns) {
    archive("mean", mean_, 1, columns);
    archive("gains", gains_, 1, -1);
    archive("directions", directions_, columns, gains_.size());
    archive.number("floor", floor_);
  }

 private:
  Eigen::RowVectorXd mean_;
  /// The eigenvectors of C with a variance, a column each, and by how much more than `floor_` each is stretched.
  Eigen::MatrixXd directions_;
  Eigen::RowVectorXd gains_;
  double floor_ = 1;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
