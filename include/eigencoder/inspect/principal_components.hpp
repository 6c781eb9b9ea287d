#pragma once

// First, as it silences what g++ 12 says of Eigen's AVX-512.
#include <eigencoder/core/eigen.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The eigenvectors v_k of X^T X, a column each, and their eigenvalues, the largest first; those that are rounding are
/// 0. Of X^T X and X X^T, which have the same eigenvalues, the smaller is taken: v_k = X^T u_k / |X^T u_k|.
struct PrincipalAxes {
  Eigen::VectorXd eigenvalues;
  Eigen::MatrixXd directions;

  explicit PrincipalAxes(const Matrix<double>& x) {
    const bool tall = x.rows() >= x.cols();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(tall ? Eigen::MatrixXd(x.transpose() * x)
                                                                     : Eigen::MatrixXd(x * x.transpose()));
    eigenvalues = solver.eigenvalues().reverse();
    eigenvalues = (eigenvalues.array() > 1e-12 * eigenvalues[0]).select(eigenvalues, 0);
    const Eigen::MatrixXd vectors = solver.eigenvectors().rowwise().reverse();
    directions = tall ? vectors : Eigen::MatrixXd((x.transpose() * vectors).colwise().normalized());
  }
};

/// Principal component analysis of samples, one a row: with the n centred samples X, the principal axes of X / sqrt(n)
/// and their eigenvalues, the variances.
class PrincipalComponents {
 public:
  /// Throws std::invalid_argument if there are no samples, or values that are not finite.
  explicit PrincipalComponents(const Matrix<double>& samples) {
    if (samples.size() == 0) throw std::invalid_argument("PrincipalComponents: there are no samples");
    mean_ = samples.colwise().mean();
    centred_ = samples.rowwise() - mean_;
    if (!centred_.allFinite()) throw std::invalid_argument("PrincipalComponents: a value is not finite");
    const PrincipalAxes axes(centred_ / std::sqrt(static_cast<double>(samples.rows())));
    variances_ = axes.eigenvalues;
    directions_ = axes.directions;
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

  /// The coordinates of other samples along the first `count` components, one row a sample.
  /// Throws std::invalid_argument for samples of another size.
  [[nodiscard]] Matrix<double> project(const Matrix<double>& samples, Index count) const {
    if (samples.cols() != mean_.size())
      throw std::invalid_argument("PrincipalComponents: samples of " + std::to_string(samples.cols()) +
                                  " values; expected " + std::to_string(mean_.size()));
    Matrix<double> result = Matrix<double>::Zero(samples.rows(), count);
    const Index found = std::min(count, directions_.cols());
    result.leftCols(found) = (samples.rowwise() - mean_) * directions_.leftCols(found);
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
