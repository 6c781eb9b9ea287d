#pragma once

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Principal component analysis of samples, one a row: with the centred samples X, the eigenvectors v_k of X^T X / n
/// and their eigenvalues, the variances, the largest first. Of X^T X and X X^T, which have the same eigenvalues, the
/// smaller is taken: v_k = X^T u_k / |X^T u_k|.
class PrincipalComponents {
 public:
  /// Throws std::invalid_argument if there are no samples, or values that are not finite.
  explicit PrincipalComponents(const Matrix<double>& samples) {
    if (samples.size() == 0) throw std::invalid_argument("PrincipalComponents: there are no samples");
    mean_ = samples.colwise().mean();
    centred_ = samples.rowwise() - mean_;
    if (!centred_.allFinite()) throw std::invalid_argument("PrincipalComponents: a value is not finite");
    const bool tall = centred_.rows() >= centred_.cols();
    const auto count = static_cast<double>(samples.rows());
    const Eigen::MatrixXd product = tall ? Eigen::MatrixXd(centred_.transpose() * centred_ / count)
                                         : Eigen::MatrixXd(centred_ * centred_.transpose() / count);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(product);
    variances_ = solver.eigenvalues().reverse();
    variances_ = (variances_.array() > 1e-12 * variances_[0]).select(variances_, 0);  // the others are rounding
    const Eigen::MatrixXd vectors = solver.eigenvectors().rowwise().reverse();
    directions_ = tall ? vectors : Eigen::MatrixXd((centred_.transpose() * vectors).colwise().normalized());
  }

  /// Of each component, largest first; as many as there are samples or values in one, whichever is less.
  [[nodiscard]] const Eigen::VectorXd& variances() const { return variances_; }

  /// The samples' coordinates along the first `count` components, one row a sample. A column of zeros for a component
  /// that there is not.
  [[nodiscard]] Matrix<double> project(Index count) const {
    Matrix<double> result = Matrix<double>::Zero(centred_.rows(), count);
    const Index found = std::min(count, directions_.cols());
    for (Index k = 0; k < found; ++k)
      if (variances_[k] > 0) result.col(k) = centred_ * directions_.col(k);
    return result;
  }

  /// The samples from their coordinates along the first `count` components.
  [[nodiscard]] Matrix<double> reconstruct(Index count) const {
    const Index found = std::min(count, directions_.cols());
    const Matrix<double> coordinates = project(found);
    return (coordinates * directions_.leftCols(found).transpose()).rowwise() + mean_;
  }

 private:
  Eigen::RowVectorXd mean_;
  Matrix<double> centred_;
  Eigen::VectorXd variances_;
  Eigen::MatrixXd directions_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
