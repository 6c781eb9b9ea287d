#pragma once

#include <eigencoder/any/any_predictor.hpp>
#include <eigencoder/any/cloned.hpp>
#include <eigencoder/any/table.hpp>
#include <eigencoder/core/index.hpp>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/history.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct FitOptions;
class AnyOptimizer;

/// What a callback of AnyAutoencoder::fit sees after an epoch and its validation, and what it may ask for.
struct AnyEpochEnd {
  const History& history;  ///< all epochs up to this one
  double learning_rate;    ///< of the last step

  bool stop = false;               ///< no further epochs
  bool keep_parameters = false;    ///< those of now are the model's after `fit`, unless others are kept later
  double learning_rate_scale = 1;  ///< what the learning rate, or all of its schedule, is multiplied by from now on
};

/// How AnyAutoencoder::fit trains: what most programs need of FitOptions, whose names, defaults and meanings these are.
struct AnyFitOptions {
  /// By name, one of `losses()`; empty: the first of these.
  std::string loss{};
  /// By name: "adam", "adamw", "sgd", "rmsprop", "adagrad", "adamax" or "nadam", with Keras's defaults.
  std::string optimizer = "adam";
  /// Nothing: the optimiser's own.
  std::optional<double> learning_rate{};
  Index epochs = 1;
  Index batch_size = 32;
  bool shuffle = true;
  double validation_split = 0;
  SampleView validation{};
  SampleView targets{};
  Seed seed{};
  Index threads = 0;
  bool progress = true;
  bool warnings = true;
  std::function<void(AnyEpochEnd&)> on_epoch_end{};
};

/// A model of any architecture, as a value: copies copy. Its header needs the standard library alone, so that a program
/// compiles in a fraction of a second while its models are compiled once, elsewhere, by `erase` (any/erase.hpp), most
/// easily by CMake's `eigencoder_add_model`.
///
/// Members do what those of the model do, and throw what they throw; and std::invalid_argument if there is no model,
/// since this was made without or moved from. Values are float, samples are rows. The const members may be called from
/// many threads at once.
class AnyAutoencoder {
 public:
  /// What `erase` fills with a model.
  class Interface {
   public:
    virtual ~Interface() = default;
    Interface& operator=(const Interface&) = delete;

    [[nodiscard]] virtual std::unique_ptr<Interface> clone() const = 0;
    virtual History fit(const SampleView& data, const AnyFitOptions& options) = 0;
    virtual History fit(const SampleView& data, const std::string& loss, const AnyOptimizer& optimizer,
                        const FitOptions& options) = 0;
    [[nodiscard]] virtual Table encode(const SampleView& data, Index threads) const = 0;
    [[nodiscard]] virtual Table decode(const SampleView& codes, Index threads) const = 0;
    [[nodiscard]] virtual Table reconstruct(const SampleView& data, Index threads) const = 0;
    [[nodiscard]] virtual std::vector<float> reconstruction_error(const SampleView& data, const std::string& loss,
                                                                  Index threads) const = 0;
    [[nodiscard]] virtual double evaluate(const SampleView& data, const std::string& loss, Index threads) const = 0;
    virtual void save(const std::string& path, const std::map<std::string, std::string>& metadata) const = 0;
    virtual void load(const std::string& path) = 0;
    [[nodiscard]] virtual std::string architecture_in(const std::string& path) const = 0;
    [[nodiscard]] virtual AnyPredictor predictor() const = 0;
    [[nodiscard]] virtual std::string summary() const = 0;
    [[nodiscard]] virtual std::string architecture() const = 0;
    [[nodiscard]] virtual std::vector<std::string> losses() const = 0;
    [[nodiscard]] virtual Index input_size() const = 0;
    [[nodiscard]] virtual Index code_size() const = 0;

   protected:
    Interface() = default;
    Interface(const Interface&) = default;
  };

  /// No model; one may be assigned.
  AnyAutoencoder() = default;
  explicit AnyAutoencoder(std::unique_ptr<Interface> model) : model_(std::move(model)) {}

  [[nodiscard]] bool has_model() const { return static_cast<bool>(model_); }

  /// Trains the model to reconstruct the data. Throws std::invalid_argument for a loss or an optimiser that there is
  /// not, with the names of those that there are.
  History fit(const SampleView& data, const AnyFitOptions& options = {}) { return model().fit(data, options); }
  /// The same with all options, of training/fit_options.hpp and optimizers/any_optimizer.hpp, for programs that include
  /// these.
  History fit(const SampleView& data, const std::string& loss, const AnyOptimizer& optimizer,
              const FitOptions& options) {
    return model().fit(data, loss, optimizer, options);
  }

  [[nodiscard]] Table encode(const SampleView& data, Index threads = 1) const { return model().encode(data, threads); }
  [[nodiscard]] Table decode(const SampleView& codes, Index threads = 1) const {
    return model().decode(codes, threads);
  }
  [[nodiscard]] Table reconstruct(const SampleView& data, Index threads = 1) const {
    return model().reconstruct(data, threads);
  }
  /// Each sample's own loss; of an empty name the first of `losses()`.
  [[nodiscard]] std::vector<float> reconstruction_error(const SampleView& data, const std::string& loss = {},
                                                        Index threads = 1) const {
    return model().reconstruction_error(data, loss, threads);
  }
  /// The mean loss that `fit` minimises. threads 0: all cores.
  [[nodiscard]] double evaluate(const SampleView& data, const std::string& loss = {}, Index threads = 0) const {
    return model().evaluate(data, loss, threads);
  }

  /// As io/safetensors.hpp does.
  void save(const std::string& path, const std::map<std::string, std::string>& metadata = {}) const {
    model().save(path, metadata);
  }
  void load(const std::string& path) { model().load(path); }
  /// The architecture of the model that a file was saved from, empty if it does not tell.
  [[nodiscard]] std::string architecture_in(const std::string& path) const { return model().architecture_in(path); }

  /// For one sample at a time, with the parameters as they are now.
  [[nodiscard]] AnyPredictor predictor() const { return model().predictor(); }

  [[nodiscard]] std::string summary() const { return model().summary(); }
  /// What the model computes, a line a layer.
  [[nodiscard]] std::string architecture() const { return model().architecture(); }
  /// The names of the losses that the model was compiled with.
  [[nodiscard]] std::vector<std::string> losses() const { return model().losses(); }
  /// Values of a sample, and of its code.
  [[nodiscard]] Index input_size() const { return model().input_size(); }
  [[nodiscard]] Index code_size() const { return model().code_size(); }

 private:
  static constexpr const char* none = "AnyAutoencoder: there is no model; assign one that `erase` made";
  [[nodiscard]] Interface& model() { return model_.get(none); }
  [[nodiscard]] const Interface& model() const { return model_.get(none); }

  any::Cloned<Interface> model_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
