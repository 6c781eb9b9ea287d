#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/first_outside.hpp>
#include <eigencoder/data/missing.hpp>
#include <eigencoder/inspect/diagnosis.hpp>
#include <eigencoder/inspect/history_findings.hpp>
#include <eigencoder/inspect/spread_samples.hpp>
#include <eigencoder/inspect/subject.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::inspect {

/// Looks for what makes a model learn badly, and tells it by sentences.
class Doctor {
 public:
  Doctor(const Subject& subject, const Dataset& data, const History& history, Index most)
      : subject_(subject), all_(data), data_(spread_samples(data, most)), history_(history) {}

  [[nodiscard]] Diagnosis examine() {
    find_not_finite();
    if (!found_.findings.empty()) return std::move(found_);
    find_out_of_reach();
    find_unequal_scales();
    find_dead_and_saturated();
    find_unused_code();
    find_collapse();
    find_over_fitting(history_, found_.findings);
    const bool near_mean = found_.error > 0.9 * found_.baselines.mean;
    if (!find_rate_too_high(comparable_losses(), found_.findings))
      find_rate_too_low(comparable_losses(), near_mean, found_.findings);
    return std::move(found_);
  }

 private:
  void tell(Sickness sickness, double number, std::string what, std::string advice) {
    found_.findings.push_back({sickness, number, std::move(what), std::move(advice)});
  }

  /// In the data, the parameters, the activations or the history; what comes first is what the others have it from.
  void find_not_finite() {
    constexpr Range numbers{std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()};
    if (const auto place = first_outside(all_, numbers, subject_.accepts_missing))
      return tell(Sickness::not_finite, place->value, "The value " + to_string(*place) + ", which is not finite",
                  place->value != place->value ? "Leave such samples out, or train with IgnoreMissing{loss}"
                                               : "Look where the data come from");
    for (const NamedTensor& tensor : subject_.tensors) {
      const Eigen::VectorXd values = subject_.values(tensor);
      const auto count = std::ranges::count_if(values, [](double value) { return !std::isfinite(value); });
      if (count > 0)
        return tell(Sickness::not_finite, static_cast<double>(count),
                    std::to_string(count) + " of " + std::to_string(tensor.size()) + " parameters in " + tensor.name +
                        " are not finite, the first tensor that has such",
                    "Start anew with a smaller learning rate or global_clipnorm");
    }
    found_.layers = subject_.layer_activity(without_missing(data_));
    const auto layer = std::ranges::find(found_.layers, false, &LayerActivity::finite);
    if (layer != found_.layers.end())
      return tell(Sickness::not_finite, static_cast<double>(layer->layer.number),
                  "The outputs of " + name_of(layer->layer) + ", the first such layer, are not finite",
                  "Scale the data, to [0, 1] say, and start anew with a smaller learning rate");
    for (std::size_t epoch = 0; epoch < history_.loss.size(); ++epoch)
      if (!std::isfinite(history_.loss[epoch]))
        return tell(Sickness::not_finite, static_cast<double>(epoch + 1),
                    "The loss of epoch " + std::to_string(epoch + 1) + " is not finite",
                    "Try a smaller learning rate or global_clipnorm");
  }

  /// Values that the loss is not defined for, or that the last activation cannot give.
  void find_out_of_reach() {
    if (const auto place = first_outside(all_, subject_.domain, subject_.accepts_missing))
      return tell(Sickness::out_of_reach, place->value,
                  "The value " + to_string(*place) + ", but the loss is defined in " + to_string(subject_.domain),
                  "Scale the data, or take another loss, such as MeanSquaredError{}");
    if (const std::optional<Range>& range = subject_.output_range; range && range->is_bounded())
      if (const auto place = first_outside(all_, *range, true))
        tell(Sickness::out_of_reach, place->value,
             "The value " + to_string(*place) + ", but by its last activation the model gives " + to_string(*range),
             "Scale the data, or end the decoder in another activation, such as linear");
  }

  /// Of columns of a table; the pixels of an image have one scale, whether they are told as an image or as bytes.
  void find_unequal_scales() {
    const bool bytes =
        all_.visit([]<class Stored>(const SampleReader<Stored>&) { return std::is_same_v<Stored, std::uint8_t>; });
    if (bytes || !data_.shape().is_flat() || data_.features() < 2) return;
    const Matrix<double> values = without_missing(data_).matrix<double>();
    std::vector<std::pair<double, Index>> deviations;
    for (Index k = 0; k < values.cols(); ++k) {
      const double deviation = std::sqrt((values.col(k).array() - values.col(k).mean()).square().mean());
      if (deviation > 0) deviations.emplace_back(deviation, k);
    }
    if (deviations.size() < 2) return;
    std::ranges::sort(deviations);
    const auto [quarter, ignored] = deviations[(deviations.size() - 1) / 4];
    const auto [largest, feature] = deviations.back();
    const double ratio = largest / quarter;
    if (ratio > 30)
      tell(Sickness::unequal_scales, ratio,
           "Feature " + std::to_string(feature) + " varies " + inspect::short_number(ratio) +
               " times as much as a quarter of the features do, so the loss hardly sees those",
           "Bring all columns to one scale, such as mean 0 and deviation 1");
  }

  /// Half of a layer's units or more: a third of them may well be, and the model good; not of the output, where data
  /// may be constant or lie at the ends.
  void find_dead_and_saturated() {
    for (std::size_t k = 0; k + 1 < found_.layers.size(); ++k) {
      const LayerActivity& activity = found_.layers[k];
      const auto report = [&](Sickness sickness, const std::vector<Index>& units, const char* what,
                              const char* advice) {
        const auto count = static_cast<Index>(units.size());
        if (2 * count >= activity.units)
          tell(sickness, static_cast<double>(count),
               std::to_string(count) + " of " + std::to_string(activity.units) + " units of " +
                   name_of(activity.layer) + " " + what,
               advice);
      };
      report(Sickness::dead_units, activity.dead, "are dead, that is give one value whatever the sample",
             "Try a smaller learning rate, he_normal kernels, leaky_relu or elu");
      report(Sickness::saturated_units, activity.saturated, "are saturated, within 1 % of an end of their range",
             "Scale the data, or try smaller initial kernels, LayerNormalization before it, or relu");
    }
  }

  /// A quarter of the code or more.
  void find_unused_code() {
    found_.code = subject_.code_use(without_missing(data_));
    const auto count = static_cast<Index>(found_.code.unused.size());
    const auto units = static_cast<Index>(found_.code.values.size());
    if (4 * count < units) return;
    const std::string numbers = " (" + inspect::some_of(found_.code.unused) + ")";
    const std::string share = std::to_string(count) + " of " + std::to_string(units);
    if (subject_.code == Subject::Code::variational) {
      tell(Sickness::unused_code, static_cast<double>(count),
           "The posteriors of " + share + " latent units have collapsed" + numbers + ": they tell less than 0.01 nats",
           "Try a smaller or slowly rising beta (LinearWarmUp), free_bits, a weaker decoder, or fewer latent units");
    } else if (subject_.code == Subject::Code::quantized) {
      tell(Sickness::unused_code, static_cast<double>(count), share + " codes are hardly ever chosen" + numbers,
           "Call revive_codes after each of the first epochs, or take fewer codes");
    } else {
      tell(Sickness::unused_code, static_cast<double>(count), share + " units of the code hardly vary" + numbers,
           "Take a smaller code; or if they should be used, a smaller learning rate or another activation than relu");
    }
  }

  /// Reconstructions that vary less than a twentieth of what the samples do; and the baselines.
  void find_collapse() {
    const Matrix<double> x = data_.matrix<double>();
    const Matrix<double> y = subject_.reconstruct(without_missing(data_));
    found_.error = mean_squared_difference(y, x);
    found_.baselines = baselines(x, subject_.code == Subject::Code::quantized ? x.cols() : subject_.latent);
    const double varies = (y.rowwise() - y.colwise().mean()).array().square().mean();
    const double share = varies / found_.baselines.mean;
    if (found_.baselines.mean > 0 && share < 0.05)
      return tell(Sickness::collapse_to_mean, 100 * share,
                  "The reconstructions vary " + inspect::short_number(100 * share) +
                      " % as much as the samples: the model gives nearly the same for all (mean squared error " +
                      inspect::short_number(found_.error) + ", of the mean sample " +
                      inspect::short_number(found_.baselines.mean) + ")",
                  "Look at the dead units and the learning rate first; then try a larger code, or more epochs");
    if (found_.baselines.pca_counts && found_.error > found_.baselines.pca)
      tell(Sickness::worse_than_pca, found_.error / found_.baselines.pca,
           "The mean squared error, " + inspect::short_number(found_.error) + ", is above the " +
               inspect::short_number(found_.baselines.pca) + " of PCA with as many numbers (" +
               std::to_string(subject_.latent) + ")",
           "Train longer, make the model larger or its code flat; or take PCA, if the error is all that counts");
  }

  /// Losses that are the same quantity in every epoch.
  [[nodiscard]] const std::vector<double>& comparable_losses() const {
    return subject_.constant_loss ? history_.loss : history_.validation_loss;
  }

  const Subject& subject_;
  const Dataset& all_;
  Dataset data_;
  const History& history_;
  Diagnosis found_{};
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::inspect
