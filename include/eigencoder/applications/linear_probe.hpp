#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/applications/lbfgs.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/scaler.hpp>
#include <eigencoder/models/classifier.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What multinomial logistic regression minimises over W, (features, classes), and b, one after the other in w:
///
///   1/n sum_i (log sum_c exp(z_ic) - z_i,t_i) + |W|^2 / (2 n C),   z_i = x_i W + b,
///
/// with the gradients X^T D + W / (n C) and the column sums of D = (softmax(Z) - one-hot T) / n.
struct LogisticLoss {
  const Matrix<double>& x;
  std::span<const int> labels;
  Index classes;
  double C;

  double operator()(const Eigen::VectorXd& w, Eigen::VectorXd& gradient) const {
    const auto n = static_cast<double>(x.rows());
    const Eigen::Map<const Matrix<double>> kernel(w.data(), x.cols(), classes);
    Eigen::Map<Matrix<double>> kernel_gradient(gradient.data(), x.cols(), classes);
    Matrix<double> z = (x * kernel).rowwise() + w.tail(classes).transpose();
    double loss = 0;
    for (Index i = 0; i < z.rows(); ++i) {
      const Index label = labels[static_cast<std::size_t>(i)];
      const double largest = z.row(i).maxCoeff(), own = z(i, label) - largest;
      z.row(i) = (z.row(i).array() - largest).exp();
      const double sum = z.row(i).sum();
      loss += std::log(sum) - own;
      z.row(i) /= sum;
      z(i, label) -= 1;
    }
    kernel_gradient.noalias() = x.transpose() * z / n;
    kernel_gradient += kernel / (n * C);
    gradient.tail(classes) = z.colwise().sum().transpose() / n;
    return loss / n + kernel.squaredNorm() / (2 * n * C);
  }
};

/// A linear classifier of codes: how much of the labels can be read off them by a plane. Each feature is brought to
/// mean 0 and variance 1, then comes multinomial logistic regression, see LogisticLoss, whose minimum is unique.
///
///     accuracy(LinearProbe(codes, labels).predict(test_codes), test_labels);
///
/// Sources: Alain, Bengio, "Understanding intermediate layers using linear classifier probes", 2016.
/// scikit-learn: make_pipeline(StandardScaler(), LogisticRegression(C=1)).
class LinearProbe {
 public:
  /// Learns from labels 0, 1, ... Throws std::invalid_argument unless there are samples, each has a label, none
  /// negative, and C > 0.
  LinearProbe(const Dataset& samples, std::span<const int> labels, double C = 1, const LbfgsOptions& options = {}) {
    if (samples.size() != std::ssize(labels))
      throw std::invalid_argument("LinearProbe: there are " + std::to_string(labels.size()) + " labels for " +
                                  std::to_string(samples.size()) + " samples");
    if (labels.empty()) throw std::invalid_argument("LinearProbe: there are no samples to learn from");
    if (std::ranges::min(labels) < 0) throw std::invalid_argument("LinearProbe: a label is negative");
    if (!(C > 0)) throw std::invalid_argument("LinearProbe: C is " + std::to_string(C) + "; expected a number > 0");
    const Scaler scaler = Scaler::standard(samples);
    const Matrix<double> x = scaler.apply(samples).matrix<double>();
    const Index classes = std::ranges::max(labels) + 1;
    const Eigen::VectorXd w =
        minimize_lbfgs(LogisticLoss{x, labels, classes, C}, Eigen::VectorXd::Zero((x.cols() + 1) * classes), options);
    // Of the samples as they are: W x = sum_k w_k (x_k - centre_k) / scale_k.
    kernel_ = Eigen::Map<const Matrix<double>>(w.data(), x.cols(), classes);
    kernel_.array().colwise() /= scaler.scale().transpose().array();
    bias_ = w.tail(classes).transpose() - scaler.centre() * kernel_;
  }

  /// The logits of a sample x, a row, are x kernel + bias: (features, classes) and (classes).
  [[nodiscard]] const Matrix<double>& kernel() const { return kernel_; }
  [[nodiscard]] const Eigen::RowVectorXd& bias() const { return bias_; }

  /// The classes' probabilities, one row a sample. Throws std::invalid_argument for samples of another size.
  [[nodiscard]] Matrix<double> predict_proba(const Dataset& data) const { return softmax(logits(data)); }
  /// Each sample's most probable class.
  [[nodiscard]] std::vector<int> predict(const Dataset& data) const { return largest_columns(logits(data)); }

 private:
  [[nodiscard]] Matrix<double> logits(const Dataset& data) const {
    if (data.features() != kernel_.rows())
      throw std::invalid_argument("LinearProbe: samples of " + std::to_string(data.features()) + " values; expected " +
                                  std::to_string(kernel_.rows()));
    return (data.matrix<double>() * kernel_).rowwise() + bias_;
  }

  Matrix<double> kernel_;
  Eigen::RowVectorXd bias_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
