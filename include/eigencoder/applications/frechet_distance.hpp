#pragma once

// First, as it silences what g++ 12 says of Eigen's AVX-512.
#include <eigencoder/core/eigen.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace applications {

/// The mean of rows, and their covariance, divided by n.
struct Moments {
  Eigen::RowVectorXd mean;
  Eigen::MatrixXd covariance;

  explicit Moments(const Matrix<double>& rows) : mean(rows.colwise().mean()) {
    const Matrix<double> centred = rows.rowwise() - mean;
    covariance = centred.transpose() * centred / static_cast<double>(rows.rows());
  }
};

/// The eigenvalues of a symmetric matrix that has none below 0 but by rounding, and a square root of it.
struct SquareRoot {
  Eigen::VectorXd eigenvalues;
  Eigen::MatrixXd root;

  explicit SquareRoot(const Eigen::MatrixXd& matrix) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
    eigenvalues = solver.eigenvalues().cwiseMax(0);
    root = solver.eigenvectors() * eigenvalues.cwiseSqrt().asDiagonal() * solver.eigenvectors().transpose();
  }
};

}  // namespace applications

/// How far apart two sets of rows are, such as the features that a classifier finds in images, and in generated ones:
/// with the means m and the covariances C of both,
///
///   |m_1 - m_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2)),
///
/// the squared Wasserstein distance of two normal distributions with these moments. 0 for equal sets, else above 0; the
/// fewer the rows, the larger it comes out, so compare sets of equal size only. The trace of the root is computed as
/// that of the symmetric (C_1^(1/2) C_2 C_1^(1/2))^(1/2), which has the same eigenvalues.
/// Throws std::invalid_argument unless both have rows, of as many values, all finite. Sources: Fréchet, "Sur la
/// distance de deux lois de probabilité", 1957; Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, "GANs trained by a
/// two time-scale update rule converge to a local Nash equilibrium", 2017.
[[nodiscard]] inline double frechet_distance(const Matrix<double>& first, const Matrix<double>& second) {
  if (first.rows() == 0 || second.rows() == 0 || first.cols() != second.cols())
    throw std::invalid_argument("frechet_distance: " + std::to_string(first.rows()) + " rows of " +
                                std::to_string(first.cols()) + " values and " + std::to_string(second.rows()) + " of " +
                                std::to_string(second.cols()) + "; expected rows of as many values in both");
  if (!first.allFinite() || !second.allFinite()) throw std::invalid_argument("frechet_distance: a value is not finite");
  const applications::Moments a(first), b(second);
  const Eigen::MatrixXd root = applications::SquareRoot(a.covariance).root;
  const double overlap = applications::SquareRoot(root * b.covariance * root).eigenvalues.cwiseSqrt().sum();
  const double distance = (a.mean - b.mean).squaredNorm() + a.covariance.trace() + b.covariance.trace() - 2 * overlap;
  return std::max(distance, 0.0);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
