#pragma once

#include <eigencoder/any/any_autoencoder.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/summary.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/models/predictor.hpp>
#include <eigencoder/optimizers/any_optimizer.hpp>
#include <eigencoder/training/fit.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace any {

/// The samples where they lie.
inline Dataset dataset(const SampleView& view) {
  if (view.dataset() != nullptr) return *view.dataset();
  if (view.rows() == 0) return {};
  using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  const Eigen::Map<const Matrix<float>, Eigen::Unaligned, Strides> map(view.data(), view.rows(), view.cols(),
                                                                       Strides(view.row_stride(), view.col_stride()));
  return Dataset(map);
}

inline Table table(const Matrix<float>& values) {
  return {values.cols(), std::vector<float>(values.data(), values.data() + values.size())};
}

inline FitOptions fit_options(const AnyFitOptions& options) {
  FitOptions all{.epochs = options.epochs,
                 .batch_size = options.batch_size,
                 .shuffle = options.shuffle,
                 .validation_split = options.validation_split,
                 .validation = dataset(options.validation),
                 .targets = dataset(options.targets),
                 .seed = options.seed,
                 .threads = options.threads,
                 .progress = options.progress,
                 .warnings = options.warnings};
  if (options.on_epoch_end)
    all.on_epoch_end.emplace_back([f = options.on_epoch_end](EpochEnd& end) {
      AnyEpochEnd epoch{end.history(), end.learning_rate()};
      f(epoch);
      if (epoch.stop) end.stop();
      if (epoch.keep_parameters) end.keep_parameters();
      end.scale_learning_rate(epoch.learning_rate_scale);
    });
  return all;
}

template <class Model>
class ErasedPredictor final : public AnyPredictor::Interface {
 public:
  explicit ErasedPredictor(const Model& model) : predictor_(model) {}

  [[nodiscard]] std::unique_ptr<Interface> clone() const override { return std::make_unique<ErasedPredictor>(*this); }
  void encode(AnyPredictor::Input x, AnyPredictor::Output h, AnyPredictor::Label label) noexcept override {
    predictor_.encode(x, h, label);
  }
  void decode(AnyPredictor::Input h, AnyPredictor::Output y, AnyPredictor::Label label) noexcept override {
    predictor_.decode(h, y, label);
  }
  void reconstruct(AnyPredictor::Input x, AnyPredictor::Output y, AnyPredictor::Label label) noexcept override {
    predictor_.reconstruct(x, y, label);
  }
  [[nodiscard]] float reconstruction_error(AnyPredictor::Input x, AnyPredictor::Label label) noexcept override {
    return predictor_.reconstruction_error(x, label);
  }

 private:
  Predictor<Model> predictor_;
};

template <class Model, class... Losses>
class Erased final : public AnyAutoencoder::Interface {
 public:
  Erased(Model model, Losses... losses) : model_(std::move(model)), losses_(std::move(losses)...) {}

  [[nodiscard]] std::unique_ptr<Interface> clone() const override { return std::make_unique<Erased>(*this); }

  History fit(const SampleView& data, const AnyFitOptions& options) override {
    return fit(data, options.loss, AnyOptimizer(options.optimizer, options.learning_rate), fit_options(options));
  }
  History fit(const SampleView& data, const std::string& loss, const AnyOptimizer& optimizer,
              const FitOptions& options) override {
    return with_loss(loss,
                     [&](const auto& of) { return eigencoder::fit(model_, dataset(data), of, optimizer, options); });
  }

  [[nodiscard]] Table encode(const SampleView& data, Index threads) const override {
    return table(model_.encode(dataset(data), threads));
  }
  [[nodiscard]] Table decode(const SampleView& codes, Index threads) const override {
    return table(model_.decode(dataset(codes), threads));
  }
  [[nodiscard]] Table reconstruct(const SampleView& data, Index threads) const override {
    return table(model_.reconstruct(dataset(data), threads));
  }
  [[nodiscard]] std::vector<float> reconstruction_error(const SampleView& data, const std::string& loss,
                                                        Index threads) const override {
    return with_loss(loss, [&](const auto& of) {
      const auto errors = model_.reconstruction_error(dataset(data), of, threads);
      return std::vector<float>(errors.begin(), errors.end());
    });
  }
  [[nodiscard]] double evaluate(const SampleView& data, const std::string& loss, Index threads) const override {
    return with_loss(loss, [&](const auto& of) { return eigencoder::evaluate(model_, dataset(data), of, threads); });
  }

  void save(const std::string& path, const std::map<std::string, std::string>& metadata) const override {
    eigencoder::save(model_, path, {.metadata = metadata});
  }
  void load(const std::string& path) override { eigencoder::load(model_, path); }
  [[nodiscard]] std::string architecture_in(const std::string& path) const override {
    return read_metadata(path)["architecture"];
  }

  [[nodiscard]] AnyPredictor predictor() const override {
    return AnyPredictor(std::make_unique<ErasedPredictor<Model>>(model_));
  }

  [[nodiscard]] std::string summary() const override { return eigencoder::summary(model_); }
  [[nodiscard]] std::string architecture() const override { return Model::architecture(); }
  [[nodiscard]] std::vector<std::string> losses() const override { return {std::string(Losses::name)...}; }
  [[nodiscard]] Index input_size() const override { return Model::input.size(); }
  [[nodiscard]] Index code_size() const override { return Model::latent.size(); }

 private:
  /// f(loss) of the loss of that name, or the first.
  template <class Function>
  auto with_loss(const std::string& name, const Function& f) const {
    using Result = decltype(f(std::get<0>(losses_)));
    std::optional<Result> result;
    std::string all;
    const auto call = [&](const auto& loss) {
      if (!result && (name.empty() || name == loss.name)) result = f(loss);
      all.append(all.empty() ? "" : ", ").append(loss.name);
    };
    std::apply([&](const auto&... loss) { (call(loss), ...); }, losses_);
    if (!result)
      throw std::invalid_argument("this model was compiled with the losses " + all + "; \"" + name +
                                  "\" is none of them");
    return *std::move(result);
  }

  Model model_;
  std::tuple<Losses...> losses_;
};

}  // namespace any

/// A model without its type, see AnyAutoencoder: `erase(Model{Seed{1}})`, or one that was trained. The training with
/// each loss is compiled here, so that a program can choose among them by their names; the optimiser is any of
/// AnyOptimizer's. Without losses: the mean squared error and, of a model whose outputs are within [0, 1], the
/// cross-entropy before it.
///
/// This header is as heavy as the whole library. Include it in one file, which has the function that makes the model,
/// and the light any/any_autoencoder.hpp in the others.
template <class Model, class... Losses>
[[nodiscard]] AnyAutoencoder erase(Model model, Losses... losses) {
  static_assert(std::is_same_v<typename Model::Scalar, float>, "erase: the model must be of float");
  if constexpr (sizeof...(Losses) > 0) {
    return AnyAutoencoder(std::make_unique<any::Erased<Model, Losses...>>(std::move(model), std::move(losses)...));
  } else if constexpr (network::output_range<Model> && network::output_suits<Model, BinaryCrossentropy>) {
    return erase(std::move(model), BinaryCrossentropy{}, MeanSquaredError{});
  } else {
    return erase(std::move(model), MeanSquaredError{});
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
