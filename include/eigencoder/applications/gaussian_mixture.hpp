#pragma once

// First, as it silences what g++ 12 says of Eigen's AVX-512.
#include <eigencoder/core/eigen.hpp>

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How a GaussianMixture is fitted. The values are those that it takes by default.
struct GaussianMixtureOptions {
  Index components = 10;
  /// The fit ends after so many rounds, or when one raises the mean log-likelihood by less than the tolerance, in nats.
  Index rounds = 100;
  double tolerance = 1e-3;
  /// What is added to all variances, so that no component shrinks to a point.
  double regularization = 1e-6;
  Seed seed{};
};

/// A mixture of normal distributions, each with a covariance of its own: p(z) = sum_k w_k N(z; m_k, C_k).
///
///     GaussianMixture prior({.components = 10});
///     prior.fit(draw_codes(model, train));
///     const Matrix<float> samples = generate(model, prior, 100, Seed{1});
///
/// `fit` maximises the likelihood of rows x_i by expectation and maximisation, in turns:
///
///   r_ik = w_k N(x_i; m_k, C_k) / p(x_i),   n_k = sum_i r_ik,
///   w_k = n_k / n,   m_k = sum_i r_ik x_i / n_k,   C_k = sum_i r_ik (x_i - m_k) (x_i - m_k)^T / n_k.
///
/// No turn lowers the likelihood, but for the regularization. It begins with the rows dealt out to the nearest of
/// `components` rows that lie far apart (k-means++). scikit-learn: GaussianMixture. Sources: Dempster, Laird, Rubin,
/// "Maximum likelihood from incomplete data via the EM algorithm", 1977; Arthur, Vassilvitskii, "k-means++", 2007.
class GaussianMixture {
 public:
  using Options = GaussianMixtureOptions;

  /// Throws std::invalid_argument that names the option.
  explicit GaussianMixture(Options options = {}) : options_(options) {
    if (options.components < 1 || options.rounds < 1)
      throw std::invalid_argument("GaussianMixture: components and rounds must be at least 1");
    if (!(options.tolerance >= 0) || !(options.regularization >= 0))
      throw std::invalid_argument("GaussianMixture: tolerance and regularization must be at least 0");
  }

  /// Throws std::invalid_argument if there are fewer rows than components, or values that are not finite, and
  /// std::runtime_error if a component has shrunk to a point or a plane.
  GaussianMixture& fit(const Matrix<double>& rows) {
    if (rows.rows() < options_.components || rows.cols() == 0)
      throw std::invalid_argument("GaussianMixture: " + std::to_string(rows.rows()) + " rows of " +
                                  std::to_string(rows.cols()) + " values; expected at least " +
                                  std::to_string(options_.components) + " rows");
    if (!rows.allFinite()) throw std::invalid_argument("GaussianMixture: a value is not finite");
    components_.assign(static_cast<std::size_t>(options_.components), {});
    log_likelihoods_.clear();
    Eigen::MatrixXd shares = nearest(rows, spread_rows(rows));
    for (Index round = 0; round < options_.rounds; ++round) {
      maximize(rows, shares);
      const Eigen::MatrixXd logs = log_joint(rows);
      const Eigen::VectorXd totals = log_sum(logs);
      log_likelihoods_.push_back(totals.mean());
      const std::size_t n = log_likelihoods_.size();
      if (n > 1 && log_likelihoods_[n - 1] - log_likelihoods_[n - 2] < options_.tolerance) break;
      shares = (logs.colwise() - totals).array().exp();
    }
    return *this;
  }

  /// log p(z) of each row in nats. scikit-learn: score_samples. Throws std::invalid_argument for rows of another size,
  /// and std::logic_error before `fit`.
  [[nodiscard]] Eigen::VectorXd log_density(const Matrix<double>& rows) const {
    require_fit();
    if (rows.cols() != mean(0).size())
      throw std::invalid_argument("GaussianMixture: rows of " + std::to_string(rows.cols()) + " values; expected " +
                                  std::to_string(mean(0).size()));
    return log_sum(log_joint(rows));
  }

  /// n draws, one a row: a component k with probability w_k, then m_k + L_k e with C_k = L_k L_k^T and e standard
  /// normal. Throws std::invalid_argument if n is negative, and std::logic_error before `fit`.
  [[nodiscard]] Matrix<double> sample(Index n, Seed seed = {}) const {
    require_fit();
    if (n < 0) throw std::invalid_argument("sample: n is " + std::to_string(n) + "; expected at least 0");
    Random random(seed, Stream::latent);
    Matrix<double> rows(n, mean(0).size());
    Eigen::VectorXd noise(rows.cols());
    for (Index i = 0; i < n; ++i) {
      const Component& one = components_[static_cast<std::size_t>(choose(random.uniform<double>()))];
      for (double& value : noise) value = random.normal<double>();
      rows.row(i) = one.mean + (one.lower * noise).transpose();
    }
    return rows;
  }

  [[nodiscard]] Index components() const { return std::ssize(components_); }
  [[nodiscard]] double weight(Index k) const { return at(k).weight; }
  [[nodiscard]] const Eigen::RowVectorXd& mean(Index k) const { return at(k).mean; }
  [[nodiscard]] Eigen::MatrixXd covariance(Index k) const { return at(k).lower * at(k).lower.transpose(); }
  /// The mean log-likelihood of the rows after each round of `fit`, in nats.
  [[nodiscard]] const std::vector<double>& log_likelihoods() const { return log_likelihoods_; }

 private:
  struct Component {
    double weight = 0;
    Eigen::RowVectorXd mean;
    /// The Cholesky factor L of the covariance C = L L^T.
    Eigen::MatrixXd lower;
  };

  [[nodiscard]] const Component& at(Index k) const { return components_.at(static_cast<std::size_t>(k)); }

  void require_fit() const {
    if (components_.empty()) throw std::logic_error("GaussianMixture: not fitted; call fit first");
  }

  /// Rows chosen one after the other, each with a probability in proportion to its squared distance from the nearest
  /// one chosen before.
  [[nodiscard]] Matrix<double> spread_rows(const Matrix<double>& rows) const {
    Random random(options_.seed, Stream::parameters);
    Matrix<double> chosen(options_.components, rows.cols());
    Eigen::VectorXd distance = Eigen::VectorXd::Ones(rows.rows());
    for (Index k = 0; k < chosen.rows(); ++k) {
      double rest = random.uniform<double>() * distance.sum();
      Index row = 0;
      while (row + 1 < rows.rows() && (rest -= distance[row]) > 0) ++row;
      chosen.row(k) = rows.row(row);
      const Eigen::VectorXd from_it = (rows.rowwise() - rows.row(row)).rowwise().squaredNorm();
      distance = k == 0 ? from_it : distance.cwiseMin(from_it).eval();
    }
    return chosen;
  }

  /// 1 in the column of each row's nearest centre, 0 in the others.
  [[nodiscard]] static Eigen::MatrixXd nearest(const Matrix<double>& rows, const Matrix<double>& centres) {
    Eigen::MatrixXd shares = Eigen::MatrixXd::Zero(rows.rows(), centres.rows());
    for (Index i = 0; i < rows.rows(); ++i) {
      Index k = 0;
      (centres.rowwise() - rows.row(i)).rowwise().squaredNorm().minCoeff(&k);
      shares(i, k) = 1;
    }
    return shares;
  }

  /// Weights, means and covariances from the shares r_ik.
  void maximize(const Matrix<double>& rows, const Eigen::MatrixXd& shares) {
    for (Index k = 0; k < components(); ++k) {
      Component& one = components_[static_cast<std::size_t>(k)];
      // A component that no row belongs to keeps a finite mean.
      const double count = shares.col(k).sum() + std::numeric_limits<double>::min();
      one.weight = count / static_cast<double>(rows.rows());
      one.mean = shares.col(k).transpose() * rows / count;
      const Matrix<double> centred =
          (rows.rowwise() - one.mean).array().colwise() * (shares.col(k) / count).array().sqrt();
      Eigen::MatrixXd covariance = centred.transpose() * centred;
      covariance.diagonal().array() += options_.regularization;
      const Eigen::LLT<Eigen::MatrixXd> cholesky(covariance);
      if (cholesky.info() != Eigen::Success)
        throw std::runtime_error("GaussianMixture: component " + std::to_string(k) +
                                 " has shrunk to a point or a plane; a larger regularization prevents that");
      one.lower = cholesky.matrixL();
    }
  }

  /// log(w_k N(x_i; m_k, C_k)).
  [[nodiscard]] Eigen::MatrixXd log_joint(const Matrix<double>& rows) const {
    Eigen::MatrixXd logs(rows.rows(), components());
    for (Index k = 0; k < components(); ++k) {
      const Component& one = at(k);
      // |L^-1 (x - m)|^2 is the squared Mahalanobis distance, and det C = prod L_uu^2.
      const Eigen::MatrixXd white =
          one.lower.triangularView<Eigen::Lower>().solve((rows.rowwise() - one.mean).transpose());
      const double constant = std::log(one.weight) - one.lower.diagonal().array().log().sum() -
                              static_cast<double>(rows.cols()) * std::log(2 * std::numbers::pi) / 2;
      logs.col(k) = constant - white.colwise().squaredNorm().transpose().array() / 2;
    }
    return logs;
  }

  /// log sum_k exp(logs_ik), which does not overflow.
  [[nodiscard]] static Eigen::VectorXd log_sum(const Eigen::MatrixXd& logs) {
    const Eigen::VectorXd largest = logs.rowwise().maxCoeff();
    return largest.array() + (logs.colwise() - largest).array().exp().rowwise().sum().log();
  }

  /// The component in whose part of [0, 1) u lies.
  [[nodiscard]] Index choose(double u) const {
    Index k = 0;
    while (k + 1 < components() && (u -= weight(k)) >= 0) ++k;
    return k;
  }

  Options options_;
  std::vector<Component> components_;
  std::vector<double> log_likelihoods_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
