#pragma once

#include <eigencoder/applications/conformal.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

struct ReconstructionDetectorOptions {
  /// The probability with which a sample like those of the calibration is called an anomaly.
  double false_alarm_rate = 0.01;
  /// The threads that a call uses, 0: all cores.
  Index threads = 0;
};

/// Finds anomalies by any trained model that reconstructs samples, images for one: a sample's score is the mean of its
/// squared errors, and `predict` keeps the promised rate of false alarms.
///
///     ReconstructionDetector detector(model, {.false_alarm_rate = 0.01});
///     detector.calibrate(images);  // like the training images, but not among them
///     const auto alarms = detector.predict(new_images);
///     const auto maps = detector.error_maps(new_images);  // where in the image it is
template <class Model>
class ReconstructionDetector {
 public:
  using Scalar = typename Model::Scalar;

  /// Keeps a copy of the model. Throws std::invalid_argument for a rate that is not in (0, 1).
  explicit ReconstructionDetector(Model model, ReconstructionDetectorOptions options = {})
      : model_(std::move(model)), options_(options) {
    if (!(options.false_alarm_rate > 0 && options.false_alarm_rate < 1))
      throw std::invalid_argument("ReconstructionDetector: false_alarm_rate is " +
                                  std::to_string(options.false_alarm_rate) + "; expected one in (0, 1)");
  }

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] const ConformalCalibration& calibration() const { return calibration_; }

  /// Learns which scores are high, from samples that the model was not trained on: at least 1 / false_alarm_rate - 1.
  /// Throws std::invalid_argument if there are fewer.
  ReconstructionDetector& calibrate(const Dataset& held_out) {
    ConformalCalibration calibration(score(held_out));
    if (calibration.threshold(options_.false_alarm_rate) == std::numeric_limits<double>::infinity())
      throw std::invalid_argument(
          "calibrate: " + std::to_string(held_out.size()) +
          " samples give no p-value as low as false_alarm_rate = " + std::to_string(options_.false_alarm_rate) +
          "; expected at least " + std::to_string(static_cast<Index>(std::ceil(1 / options_.false_alarm_rate)) - 1));
    calibration_ = std::move(calibration);
    return *this;
  }

  /// The mean squared error of each sample.
  [[nodiscard]] Eigen::VectorXd score(const Dataset& data) const {
    return model_.reconstruction_error(data, MeanSquaredError{}, options_.threads).template cast<double>();
  }

  /// The probability that a sample like those of the calibration has as high a score.
  [[nodiscard]] Eigen::VectorXd p_values(const Dataset& data) const {
    require_calibrated("p_values");
    return score(data).unaryExpr([this](double score) { return calibration_.p_value(score); });
  }

  /// 1 for the samples whose p-value is at most false_alarm_rate, else 0.
  [[nodiscard]] Eigen::VectorXi predict(const Dataset& data) const {
    require_calibrated("predict");
    const double threshold = calibration_.threshold(options_.false_alarm_rate);
    return (score(data).array() > threshold).template cast<int>();
  }

  /// The squared error of each value, one row a sample in the order of its values: of an image, a map of where it is
  /// unlike the training images.
  [[nodiscard]] Matrix<Scalar> error_maps(const Dataset& data) const {
    return (model_.reconstruct(data, options_.threads) - data.template matrix<Scalar>()).array().square();
  }

  /// Each value's share of a sample's score; the shares of a sample sum to 1, or to 0 where there is no error.
  [[nodiscard]] Matrix<Scalar> attributions(const Dataset& data) const {
    Matrix<Scalar> maps = error_maps(data);
    for (Index sample = 0; sample < maps.rows(); ++sample)
      if (const Scalar sum = maps.row(sample).sum(); sum > 0) maps.row(sample) /= sum;
    return maps;
  }

 private:
  void require_calibrated(const char* where) const {
    if (calibration_.size() == 0)
      throw std::invalid_argument(std::string(where) + ": the detector is not calibrated; call calibrate first");
  }

  Model model_;
  ReconstructionDetectorOptions options_;
  ConformalCalibration calibration_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
