#pragma once

#include <chrono>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <eigencoder/training/fit_options.hpp>
#include <eigencoder/training/order.hpp>
#include <eigencoder/training/position.hpp>
#include <eigencoder/training/progress.hpp>
#include <eigencoder/training/read_ahead.hpp>
#include <eigencoder/training/settings.hpp>
#include <eigencoder/training/snapshot.hpp>
#include <eigencoder/training/trainer.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// The parameters that a callback asked to keep. The model has them in the end, whatever that is.
template <class Model>
class KeptParameters {
 public:
  explicit KeptParameters(Model& model) : model_(model) {}
  KeptParameters(const KeptParameters&) = delete;
  KeptParameters& operator=(const KeptParameters&) = delete;
  ~KeptParameters() {
    if (!values_.empty()) std::ranges::copy(values_, model_.parameters().begin());
  }

  void keep() {
    const auto now = std::as_const(model_).parameters();
    values_.assign(now.begin(), now.end());
  }
  /// Keeps other ones: those that a training kept before it was interrupted.
  void keep(std::vector<typename Model::Scalar> values) { values_ = std::move(values); }
  /// None: empty.
  [[nodiscard]] std::span<const typename Model::Scalar> values() const { return values_; }

 private:
  Model& model_;
  std::vector<typename Model::Scalar> values_;
};

/// A call of `fit`, epoch by epoch: what there is besides the steps themselves, and how it is saved and resumed.
template <class Model, class Loss, class Optimizer>
class Run {
 public:
  Run(Model& model, Loss loss, Optimizer optimizer, const Samples& training, const Samples& validation,
      const FitOptions& options)
      : model_(model),
        optimizer_(optimizer),
        training_(training),
        validation_(validation),
        options_(options),
        batch_size_(std::min<Index>(options.batch_size, training.input.size())),
        kept_(model),
        trainer_(model, loss, optimizer, options.seed, threads()),
        order_(training.input.size(), block()),
        read_ahead_(training, order_),
        callbacks_(options.on_epoch_end),
        step_callbacks_(options.on_step_end),
        sees_steps_(!step_callbacks_.empty() || std::ranges::any_of(callbacks_, &Callback::has_steps)),
        progress_(options.progress, options.epochs, training.input.size()) {
    // Epochs do not allocate; but nobody waits for more of them than this, whatever the options say.
    const auto expected = static_cast<std::size_t>(std::min<Index>(options.epochs, 100'000));
    for (auto* entries : {&history_.loss, &history_.validation_loss, &history_.seconds, &history_.samples_per_second,
                          &history_.learning_rate})
      entries->reserve(expected);
  }

  [[nodiscard]] bool is_over() const { return position_.stopped || interrupted_ || position_.epoch >= options_.epochs; }
  [[nodiscard]] const History& history() const { return history_; }

  /// An epoch, or what is left of it.
  void epoch() {
    if (position_.done == 0 && options_.shuffle) shuffle(position_.epoch);
    read_ahead_.begin();
    for (auto left = order_.samples().subspan(static_cast<std::size_t>(position_.done)); !left.empty();) {
      const auto batch = left.first(std::min(static_cast<std::size_t>(batch_size_), left.size()));
      left = left.subspan(batch.size());
      const auto start = Clock::now();
      const StepResult taken = step(batch);
      position_.add(taken, static_cast<Index>(batch.size()));
      const auto end = Clock::now();
      position_.seconds += std::chrono::duration<double>(end - start).count();
      read_ahead_.reached(static_cast<std::size_t>(position_.done));
      progress_.step(
          position_.epoch, position_.done, position_.loss / static_cast<double>(position_.done),
          [this] { return trainer_.learning_rate(); }, end);
      if (sees_steps_) call_back(taken);
      if (interrupted_) return;
    }
    position_.finish_epoch(trainer_.learning_rate(), history_);
    if (!validation_.input.empty())
      history_.validation_loss.push_back(trainer_.evaluate(validation_, options_.batch_size));
    progress_.epoch(history_);
    call_back();
  }

  /// Goes on from options.resume.
  [[gnu::cold]] void resume() {
    detail::naming_file(options_.resume.path(), [&] {
      const Snapshot snapshot = options_.resume.read();
      require_same_settings(snapshot.settings, settings());
      const Recalling archive(snapshot);
      Position position;
      History history;
      Index steps = 0;
      double factor = 1;
      training::archive(archive, position);
      training::archive(archive, history);
      archive("training.steps", steps);
      archive("training.learning_rate_factor", factor);
      require_consistent(position, history, steps, training_.input.size(), batch_size_);
      const auto values = [&](const std::string& prefix) {
        std::vector<Scalar> all(model_.parameters().size());
        archive.parameters(prefix, tensors_, std::span<Scalar>(all));
        return all;
      };
      const std::vector<Scalar> parameters = values("");
      std::vector<Scalar> state;
      for (int slot = 0; slot < Optimizer::slots; ++slot) {
        const std::vector<Scalar> part = values(slot_name(slot));
        state.insert(state.end(), part.begin(), part.end());
      }
      const bool has_kept = archive.contains("kept." + tensors_.front().name);
      std::vector<Scalar> kept;
      if (has_kept) kept = values("kept.");
      Callbacks callbacks = callbacks_;
      recall(archive, callbacks);

      require_same_rates(archive, steps);
      const std::vector<Scalar> before(model_.parameters().begin(), model_.parameters().end());
      trainer_.resume(parameters, state, steps, factor);
      try {
        require_same_loss(archive);
      } catch (...) {
        std::ranges::copy(before, model_.parameters().begin());
        throw;
      }
      position_ = std::move(position);
      history_ = std::move(history);
      callbacks_ = std::move(callbacks);
      kept_.keep(std::move(kept));
      for (Index e = 0; options_.shuffle && e < position_.epoch + (position_.done > 0); ++e) shuffle(e);
    });
  }

 private:
  using Training = Trainer<Model, Loss, Optimizer>;
  using Scalar = typename Model::Scalar;
  using Clock = std::chrono::steady_clock;

  static std::string slot_name(int slot) { return "optimizer." + std::to_string(slot) + "."; }

  /// No more than what there is to share out among them.
  [[nodiscard]] Index threads() const {
    const Index parts =
        std::max(Training::micro_batches(batch_size_), Training::micro_batches(validation_.input.size()));
    return Workers::count(options_.threads, parts);
  }

  /// Blocks of the order are of whole batches.
  [[nodiscard]] Index block() const {
    const Index block = std::min<Index>(options_.shuffle_block, training_.input.size());
    return (block + batch_size_ - 1) / batch_size_ * batch_size_;
  }
  void shuffle(Index epoch) { order_.shuffle(Random(options_.seed, Stream::shuffle, epoch)); }

  StepResult step(std::span<const Index> batch) {
    try {
      return trainer_.step(training_, batch, position_.epoch);
    } catch (const DivergenceError& error) {
      throw DivergenceError(error.what(), history_);
    }
  }

  void call_back(const StepResult& taken) {
    StepEnd end(taken, position_.epoch, trainer_.steps(), position_.done, trainer_.learning_rate());
    for (const auto& callback : step_callbacks_) callback(end);
    for (auto& callback : callbacks_) callback.on_step_end(end);
    interrupted_ = end.stopped();
    save(end.saves(), interrupted_);
  }

  void call_back() {
    EpochEnd end(
        history_, trainer_.learning_rate(), [this] { kept_.keep(); },
        ModelView(std::as_const(model_).parameters(), tensors_, architecture_), trainer_.steps());
    for (auto& callback : callbacks_) callback(end);
    trainer_.scale_learning_rate(end.factor());
    // One of them may have changed the parameters.
    if (!callbacks_.empty()) trainer_.parameters_changed();
    position_.stopped = end.stopped();
    save(end.saves(), is_over());
  }

  void save(const std::vector<SaveRequest>& requests, bool at_end) {
    const auto due = [&](const SaveRequest& request) { return at_end || !request.only_at_end; };
    if (std::ranges::none_of(requests, due)) return;
    const Snapshot snapshot = this->snapshot();
    for (const SaveRequest& request : requests)
      if (due(request)) request.save(snapshot);
  }

  [[nodiscard]] [[gnu::cold]] Snapshot snapshot() {
    Snapshot snapshot{.settings = settings(), .tensors = {}};
    Storing archive(snapshot);
    training::archive(archive, std::as_const(position_));
    training::archive(archive, std::as_const(history_));
    archive("training.steps", trainer_.steps());
    archive("training.learning_rate_factor", trainer_.learning_rate_factor());
    archive("training.first_rate", optimizer_.learning_rate.rate(1));
    archive("training.last_rate", optimizer_.learning_rate.rate(trainer_.steps()));
    archive("training.probe", probe());
    archive.parameters("", tensors_, std::as_const(model_).parameters());
    const auto size = std::as_const(model_).parameters().size();
    for (int slot = 0; slot < Optimizer::slots; ++slot)
      archive.parameters(slot_name(slot), tensors_,
                         trainer_.optimizer_state().subspan(static_cast<std::size_t>(slot) * size, size));
    if (!kept_.values().empty()) archive.parameters("kept.", tensors_, kept_.values());
    int number = 0;
    for (auto& callback : callbacks_)
      if (callback.has_memory()) {
        std::vector<double> values;
        callback.memory([&](double& value) { values.push_back(value); });
        archive(callback_name(number++), values);
      }
    return snapshot;
  }

  static std::string callback_name(int number) { return "callback." + std::to_string(number); }

  [[gnu::cold]] static void recall(const Recalling& archive, Callbacks& callbacks) {
    int number = 0;
    for (auto& callback : callbacks)
      if (callback.has_memory()) {
        const std::string name = callback_name(number++);
        std::vector<double> values;
        archive(name, values);
        std::size_t next = 0;
        callback.memory([&](double& value) {
          if (next < values.size()) value = values[next];
          ++next;
        });
        if (next != values.size())
          throw std::invalid_argument(name + " remembers " + std::to_string(values.size()) + " numbers in the file, " +
                                      std::to_string(next) + " here: it is another callback");
      }
  }

  /// See training/settings.hpp; the data are only looked through if somebody asks for it.
  [[nodiscard]] [[gnu::cold]] const std::map<std::string, std::string>& settings() {
    if (settings_.empty()) {
      settings_ = training::settings(training_, validation_, options_);
      settings_["architecture"] = architecture_;
      settings_["scalar"] = sizeof(Scalar) == sizeof(float) ? "float" : "double";
      settings_["batch_size"] = std::to_string(batch_size_);
      settings_["shuffle_block"] = std::to_string(order_.block());
      settings_["callbacks with a memory"] = std::to_string(std::ranges::count_if(callbacks_, &Callback::has_memory));
      settings_["optimizer"] = std::string(Optimizer::name);
      settings_["optimizer's hyper-parameters"] = hyperparameters<Scalar>(optimizer_);
    }
    return settings_;
  }

  /// A schedule is a function that cannot be compared with another, but for what it says of steps that were taken.
  [[gnu::cold]] void require_same_rates(const Recalling& archive, Index steps) const {
    const auto require_same = [&](const char* name, Index step) {
      double stored = 0;
      archive(name, stored);
      const double own = optimizer_.learning_rate.rate(step);
      if (stored != own) throw_differing("the learning rate of step " + std::to_string(step), stored, own);
    };
    require_same("training.first_rate", 1);
    require_same("training.last_rate", steps);
  }

  /// The loss of the first samples. Nor can losses be compared, with their weights and penalties, but for their values.
  [[nodiscard]] double probe() {
    constexpr Index lanes = Training::Pack::lanes;
    return trainer_.evaluate(training_.slice(0, std::min(lanes, training_.input.size())), lanes);
  }
  [[gnu::cold]] void require_same_loss(const Recalling& archive) {
    double stored = 0;
    archive("training.probe", stored);
    const double own = probe();
    // Another compiler's sums may differ in the last digits.
    if (std::isfinite(stored) && !(std::abs(stored - own) <= 1e-4 * std::abs(stored) + 1e-12))
      throw_differing("the loss, whose value for the first samples", stored, own);
  }
  [[noreturn]] [[gnu::cold]] static void throw_differing(const std::string& what, double stored, double own) {
    std::ostringstream message;
    message << "is a checkpoint of another training: " << what << " is " << stored << " in the file, " << own
            << " here";
    throw std::invalid_argument(message.str());
  }

  Model& model_;
  Optimizer optimizer_;
  const Samples& training_;
  const Samples& validation_;
  const FitOptions& options_;
  Index batch_size_;
  std::vector<NamedTensor> tensors_ = Model::tensors();
  std::string architecture_ = Model::architecture();
  KeptParameters<Model> kept_;
  Training trainer_;
  Order order_;
  ReadAhead read_ahead_;
  Callbacks callbacks_;
  StepCallbacks step_callbacks_;
  bool sees_steps_;
  Progress progress_;
  std::map<std::string, std::string> settings_;
  History history_;
  Position position_;
  /// A callback ended the training in the midst of an epoch.
  bool interrupted_ = false;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
