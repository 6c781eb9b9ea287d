#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <eigencoder/core/hash.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <eigencoder/distributed/ranks.hpp>
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
///
/// Of several processes, the ranks, each has one. The first prints, calls back and saves; what comes of that, it tells
/// the others, so that all go on alike.
template <class Model, class Loss, class Optimizer, concepts::Communicator Communicator>
class Run {
 public:
  Run(Model& model, Loss loss, Optimizer optimizer, const Samples& training, const Samples& validation,
      const FitOptions& options, const Communicator& communicator)
      : model_(model),
        optimizer_(optimizer),
        training_(training),
        validation_(validation),
        options_(options),
        batch_size_(std::min<Index>(options.batch_size, training.input.size())),
        ranks_(communicator),
        kept_(model),
        trainer_(model, loss, optimizer, options.seed, threads(), communicator, options.shard_optimizer),
        order_(training.input.size(), block()),
        read_ahead_(training, order_),
        callbacks_(options.on_epoch_end),
        step_callbacks_(options.on_step_end),
        sees_steps_(!step_callbacks_.empty() || std::ranges::any_of(callbacks_, &Callback::has_steps)),
        progress_(options.progress && ranks_.is_first(), options.epochs, training.input.size()) {
    // Epochs do not allocate; but nobody waits for more of them than this, whatever the options say.
    const auto expected = static_cast<std::size_t>(std::min<Index>(options.epochs, 100'000));
    for (auto* entries : {&history_.loss, &history_.validation_loss, &history_.seconds, &history_.samples_per_second,
                          &history_.learning_rate})
      entries->reserve(expected);
    require_alike("the model, the options and the number of samples", [&](Hash& hash) {
      hash.add(architecture_);
      hash.add(std::as_const(model_).parameters());
      const std::array<std::uint64_t, 10> numbers{options.seed.value,
                                                  static_cast<std::uint64_t>(training.input.size()),
                                                  static_cast<std::uint64_t>(validation.input.size()),
                                                  static_cast<std::uint64_t>(options.epochs),
                                                  static_cast<std::uint64_t>(options.batch_size),
                                                  static_cast<std::uint64_t>(order_.block()),
                                                  options.shuffle,
                                                  options.shard_optimizer,
                                                  static_cast<bool>(options.resume),
                                                  callbacks_.size() + (sees_steps_ ? 1 : 0)};
      hash.add(std::span<const std::uint64_t>(numbers));
    });
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
    share(position_.seconds);
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
      // The others would have to read all of the data for it.
      if (ranks_.is_first()) require_same_settings(snapshot.settings, settings());
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
      require_alike("the checkpoints", [&](Hash& hash) {
        hash.add(std::span<const Scalar>(parameters));
        hash.add(std::span<const Scalar>(state));
        hash.add(std::span<const Index>(&steps, 1));
      });
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
  using Training = Trainer<Model, Loss, Optimizer, Communicator>;
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

  /// Gives all ranks the first one's value, once all have come so far.
  template <class Value>
  void share(Value& value) {
    ranks_.agree();
    ranks_.broadcast(value);
  }

  /// Throws std::invalid_argument unless all ranks have the same; add(hash) adds it to the hash by which they compare
  /// it.
  template <class Function>
  void require_alike(const char* what, const Function& add) {
    if constexpr (!distributed::Ranks<Communicator>::alone) {
      Hash hash;
      add(hash);
      ranks_.agree();
      const std::uint64_t least = ranks_.least(hash.value()), greatest = ~ranks_.least(~hash.value());
      if (least != greatest) throw std::invalid_argument(std::string("fit: ") + what + " differ between the ranks");
    }
  }

  StepResult step(std::span<const Index> batch) {
    try {
      return trainer_.step(training_, batch, position_.epoch);
    } catch (const DivergenceError& error) {
      throw DivergenceError(error.what(), history_);
    }
  }

  /// What callbacks have decided.
  struct Decision {
    double factor = 1;
    bool stopped = false;
    bool kept = false;
    bool saves = false;
  };

  void call_back(const StepResult& taken) {
    StepEnd end(taken, position_.epoch, trainer_.steps(), position_.done, trainer_.learning_rate());
    if (ranks_.is_first()) {
      for (const auto& callback : step_callbacks_) callback(end);
      for (auto& callback : callbacks_) callback.on_step_end(end);
    }
    Decision decision{.stopped = end.stopped(), .saves = any_due(end.saves(), end.stopped())};
    share(decision);
    interrupted_ = decision.stopped;
    if (decision.saves) save(end.saves(), interrupted_);
  }

  void call_back() {
    Decision decision;
    const auto keep = [&] {
      kept_.keep();
      decision.kept = true;
    };
    EpochEnd end(history_, trainer_.learning_rate(), keep,
                 ModelView(std::as_const(model_).parameters(), tensors_, architecture_), trainer_.steps());
    if (ranks_.is_first())
      for (auto& callback : callbacks_) callback(end);
    decision.factor = end.factor();
    decision.stopped = position_.stopped = end.stopped();
    decision.saves = any_due(end.saves(), is_over());
    share(decision);
    position_.stopped = decision.stopped;
    trainer_.scale_learning_rate(decision.factor);
    if (!callbacks_.empty()) {
      // One of them may have changed the parameters.
      ranks_.broadcast(model_.parameters());
      trainer_.parameters_changed();
    }
    if (decision.kept) share_kept();
    if (decision.saves) save(end.saves(), is_over());
  }

  void share_kept() {
    if constexpr (!distributed::Ranks<Communicator>::alone) {
      std::vector<Scalar> values(kept_.values().begin(), kept_.values().end());
      ranks_.broadcast(values);
      kept_.keep(std::move(values));
    }
  }

  static bool is_due(const SaveRequest& request, bool at_end) { return at_end || !request.only_at_end; }
  static bool any_due(const std::vector<SaveRequest>& requests, bool at_end) {
    return std::ranges::any_of(requests, [&](const SaveRequest& request) { return is_due(request, at_end); });
  }

  void save(const std::vector<SaveRequest>& requests, bool at_end) {
    // For these all ranks are needed.
    const double loss = probe();
    const auto state = trainer_.optimizer_state();
    if (!ranks_.is_first()) return;
    const Snapshot snapshot = this->snapshot(loss, state);
    for (const SaveRequest& request : requests)
      if (is_due(request, at_end)) request.save(snapshot);
  }

  [[nodiscard]] [[gnu::cold]] Snapshot snapshot(double loss, std::span<const Scalar> optimizer_state) {
    Snapshot snapshot{.settings = settings(), .tensors = {}};
    Storing archive(snapshot);
    training::archive(archive, std::as_const(position_));
    training::archive(archive, std::as_const(history_));
    archive("training.steps", trainer_.steps());
    archive("training.learning_rate_factor", trainer_.learning_rate_factor());
    archive("training.first_rate", optimizer_.learning_rate.rate(1));
    archive("training.last_rate", optimizer_.learning_rate.rate(trainer_.steps()));
    archive("training.probe", loss);
    archive.parameters("", tensors_, std::as_const(model_).parameters());
    const auto size = std::as_const(model_).parameters().size();
    for (int slot = 0; slot < Optimizer::slots; ++slot)
      archive.parameters(slot_name(slot), tensors_,
                         optimizer_state.subspan(static_cast<std::size_t>(slot) * size, size));
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
  distributed::Ranks<Communicator> ranks_;
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
