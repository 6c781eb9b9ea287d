#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <eigencoder/network/micro_batch.hpp>
#include <eigencoder/network/objective.hpp>
#include <eigencoder/network/output_range.hpp>
#include <eigencoder/optimizers/hyperparameter.hpp>
#include <eigencoder/optimizers/optimizer.hpp>
#include <eigencoder/penalties/code_penalties.hpp>
#include <eigencoder/penalties/weight_penalty.hpp>
#include <eigencoder/simd/buffer.hpp>
#include <eigencoder/threads/workers.hpp>
#include <eigencoder/training/clipping.hpp>
#include <eigencoder/training/divergence.hpp>
#include <eigencoder/training/metric_names.hpp>
#include <eigencoder/training/samples.hpp>
#include <eigencoder/training/step_result.hpp>
#include <eigencoder/training/undo.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Takes training steps: what `fit` repeats, for those who write their own loop.
///
/// A step deals its batch out in micro-batches of `Network::Pack::lanes` samples, one share for each of `threads`. Each
/// micro-batch goes depth-first through the whole network, forward and backward, while it is in the core's cache; each
/// share has a gradient of its own. Then every thread adds up and updates its slice of the parameters. Nothing is
/// allocated after construction.
///
/// The result depends on the number of shares: that of the threads asked for, of the machine's cores or of the batch's
/// micro-batches, whichever is least. It does not on how many threads the system then gives.
template <class Model, class PlainLoss, class Optimizer>
class Trainer {
  static_assert(sizeof(detail::RequireLoss<PlainLoss>) + sizeof(detail::RequireOptimizer<Optimizer>) > 0);
  using Loss = network::Objective<Model, PlainLoss>;
  using Chosen = network::LossNetwork<typename Model::Network, Loss>;

  static_assert(network::output_suits<Model, Loss>,
                "the loss is defined in [0, 1] only, and the decoder's last activation gives other values: end the "
                "decoder in sigmoid, or take another loss, such as MeanSquaredError{}");

 public:
  using Network = typename Chosen::type;
  using Scalar = typename Network::Scalar;
  using Pack = typename Network::Pack;

  /// Trains `model`, which must outlive the trainer, from its present parameters. threads 0: all cores.
  /// Throws std::invalid_argument for a hyper-parameter or a number of threads out of its range.
  Trainer(Model& model, PlainLoss loss, Optimizer optimizer, Seed seed = {}, Index threads = 0)
      : model_(model),
        loss_(loss),
        optimizer_(optimizer),
        clipping_(optimizer, tensor_sizes()),
        seed_(seed),
        shares_(static_cast<std::size_t>(Workers::count(threads, Workers::most))),
        penalties_(loss_, this->threads()),
        panels_(static_cast<std::size_t>(Network::panel_size)),
        state_(static_cast<std::size_t>(Optimizer::slots * Network::parameter_count)),
        undo_(static_cast<std::size_t>(Network::parameter_count), state_.size()),
        workers_(this->threads()),
        workspaces_(static_cast<std::size_t>(workers_.size())) {
    for_each_measured([&](std::string_view name, double) { training::add_distinct(metric_names_, name); });
    for (const std::string& name : metric_names_) metrics_.push_back({name, 0});
    if constexpr (requires { optimizer_.check(); }) optimizer_.check();
    check_loss(loss_, Network::output);
    parameters_changed();
  }

  /// How many micro-batches, the parts that threads can share, this many samples make.
  [[nodiscard]] static Index micro_batches(Index samples) { return network::micro_batches<Pack>(samples); }

  /// One step on the samples of these indices; their mean loss before it, and what else there is to tell of them.
  ///
  /// Throws DivergenceError that names epoch, step and layer if the loss or the gradient is not finite;
  /// std::invalid_argument for samples of the wrong size, indices of none, and a learning rate that is no number >= 0;
  /// and what the noise, the loss, the layers, the optimiser or a schedule throw. All is then as before the step.
  StepResult step(const Samples& data, std::span<const Index> indices, Index epoch = 0) {
    require_samples(data, indices);
    network::require_labels(Network::template classes<0, Network::count>(), data.input.labels(), indices);
    const Index number = steps_ + 1;
    const double rate = checked_rate(number);
    const Batch batch{data, indices, context(data, epoch, number), Philox(seed_, Stream::corruption, epoch)};
    deal_out(static_cast<Index>(indices.size()));
    if constexpr (code_penalties::over_batch)
      workers_.run(threads_, each_share([&](int share, int thread) { average_codes(share, thread, batch); }));
    double loss = 0;
    bool finite = false;
    const auto forward_and_backward = each_share([&](int share, int thread) {
      if constexpr (code_penalties::over_batch) penalties_.finish_mean(share);
      accumulate(share, thread, batch);
    });
    const auto add_up = each_share([&](int share, int) { reduce(share); });
    const auto decide = [&](int thread) {
      if (thread != 0) return;
      loss = total_loss();
      finite = std::isfinite(loss) && std::ranges::all_of(dealt(), &Share::finite);
      if (finite && clipping_.active()) clipping_.apply(std::span<Scalar>(shares_[0].gradient));
    };
    const auto move = each_share([&](int share, int) {
      if (finite) update(share, rate, number);
    });
    const auto pack = [&](int thread) {
      if (finite) Network::pack(parameters(), panels_.data(), thread, threads_);
    };
    try {
      workers_.run(threads_, forward_and_backward, add_up, decide, move, pack);
    } catch (...) {
      if (finite) undo_.restore(model_.parameters(), state_);
      throw;
    }
    if (!finite) throw DivergenceError(diagnose(batch, epoch, number, loss));
    steps_ = number;
    auto metric = metrics_.begin();
    for_each_measured([&](std::string_view, double value) { (metric++)->value = value; });
    return {loss, metrics_};
  }

  /// The mean loss over the data as a step counts it, with all that layers, penalties and regularisers add, but without
  /// training: without dropout, and the parameters stay. Penalties on a batch's mean code are those of batches of
  /// `batch_size` samples, the last of which may be smaller.
  [[nodiscard]] double evaluate(const Samples& data, Index batch_size = 32) {
    network::require_features(data.input, Network::input, "evaluate");
    network::require_targets<Loss>(data.input, data.target, Network::input, Network::output, "evaluate: targets");
    network::require_labels(Network::template classes<0, Network::count>(), data.input);
    if (batch_size < 1)
      throw std::invalid_argument("evaluate: batch_size is " + std::to_string(batch_size) + "; expected at least 1");
    const Batch batch{data, {}, context(data, 0, 0), Philox(seed_, Stream::corruption, ~std::uint64_t{0})};
    const Index size = data.input.size();
    // Only those penalties tell one batch from another.
    const Index step = code_penalties::over_batch ? std::min(batch_size, size) : size;
    double sum = 0;
    for (Index first = 0; first < size; first += step) {
      const Index count = std::min(step, size - first);
      deal_out(count);
      workers_.run(threads_,
                   each_share([&](int share, int thread) { add_losses(share, thread, batch, first, count); }));
      sum += loss_of_shares() * static_cast<double>(count);
    }
    double loss = sum / static_cast<double>(size);
    if constexpr (weight_penalty::active) loss += weight_penalty::value(parameters(), 0, Network::parameter_count);
    return loss;
  }

  /// Steps taken so far, and the learning rate of the last one.
  [[nodiscard]] Index steps() const { return steps_; }
  [[nodiscard]] double learning_rate() const { return rate_of(std::max<Index>(steps_, 1)); }
  /// Multiplies the optimiser's learning rate from now on: for those who lower it as they see the losses.
  void scale_learning_rate(double factor) { learning_rate_factor_ *= factor; }
  /// What that comes to, from the beginning.
  [[nodiscard]] double learning_rate_factor() const { return learning_rate_factor_; }
  /// The optimiser's memory: `Optimizer::slots` arrays of the parameters' size, one after the other.
  [[nodiscard]] std::span<const Scalar> optimizer_state() const { return state_; }

  /// Goes on from where another trainer was, after so many steps. Throws std::invalid_argument if there are not as many
  /// parameters, or not as many values in the optimiser's state, as here.
  void resume(std::span<const Scalar> values, std::span<const Scalar> optimizer_state, Index steps,
              double learning_rate_factor) {
    if (values.size() != model_.parameters().size() || optimizer_state.size() != state_.size())
      throw std::invalid_argument("Trainer::resume: there are not as many parameters, or values of the optimizer's");
    std::ranges::copy(values, model_.parameters().begin());
    std::ranges::copy(optimizer_state, state_.begin());
    steps_ = steps;
    learning_rate_factor_ = learning_rate_factor;
    parameters_changed();
  }
  /// The model's parameters were changed by someone else.
  void parameters_changed() { Network::pack(parameters(), panels_.data()); }
  /// The number of threads asked for, or that of the cores, if there are fewer.
  [[nodiscard]] int threads() const { return static_cast<int>(shares_.size()); }

 private:
  using Array = typename Network::Array;
  using Workspace = typename Network::Workspace;
  using Pass = typename Network::Pass;
  using code_penalties = penalties::CodePenalties<Network, Model::code, Loss>;
  using weight_penalty = penalties::WeightPenalty<Network>;

  /// What belongs to a part of a batch's micro-batches, on cache lines of its own.
  struct alignas(simd::alignment) Share {
    Buffer<Scalar> gradient = Buffer<Scalar>(static_cast<std::size_t>(Network::parameter_count));
    Buffer<Scalar> gradient_panels = Buffer<Scalar>(static_cast<std::size_t>(Network::gradient_panel_size));
    typename Network::Measures measures{};
    double loss = 0;
    /// On the kernels in the share's slice of the parameters.
    double weight_penalty = 0;
    bool finite = true;

    void begin() {
      loss = 0;
      measures.fill(0);
    }
  };

  struct Batch {
    const Samples& data;
    std::span<const Index> indices;
    Context context;
    Philox noise;
  };

  static void require_samples(const Samples& data, std::span<const Index> indices) {
    network::require_features(data.input, Network::input, "Trainer::step");
    network::require_targets<Loss>(data.input, data.target, Network::input, Network::output, "Trainer::step: targets");
    if (indices.empty()) throw std::invalid_argument("Trainer::step: the batch is empty");
    for (const Index index : indices)
      if (index < 0 || index >= data.input.size())
        throw std::invalid_argument("Trainer::step: there is no sample " + std::to_string(index) + " among " +
                                    std::to_string(data.input.size()));
  }

  [[nodiscard]] static std::vector<Index> tensor_sizes() {
    std::vector<Index> sizes;
    for (const NamedTensor& tensor : Model::tensors()) sizes.push_back(tensor.size());
    return sizes;
  }

  [[nodiscard]] Share& own(int share) { return shares_[static_cast<std::size_t>(share)]; }
  [[nodiscard]] std::span<const Scalar> parameters() const { return std::as_const(model_).parameters(); }

  [[nodiscard]] double rate_of(Index step) const { return learning_rate_factor_ * optimizer_.learning_rate.rate(step); }
  /// Of a schedule nothing is known before.
  [[nodiscard]] double checked_rate(Index step) const {
    const double rate = rate_of(step);
    if (!(rate >= 0 && rate <= static_cast<double>(std::numeric_limits<Scalar>::max())))
      detail::require(false, Optimizer::name, "the learning rate of step " + std::to_string(step), rate,
                      "a finite number >= 0");
    return rate;
  }

  /// Says among how many shares and threads the work on so many samples is dealt out.
  void deal_out(Index samples) {
    dealt_ = static_cast<int>(std::clamp<Index>(micro_batches(samples), 1, threads()));
    threads_ = std::min(dealt_, workers_.size());
    if constexpr (code_penalties::active)
      for (int share = dealt_; share < threads(); ++share) penalties_.begin(share);
  }
  [[nodiscard]] std::span<const Share> dealt() const {
    return std::span(shares_).first(static_cast<std::size_t>(dealt_));
  }

  /// A phase of the team's work: f(share, thread) for each of a thread's shares.
  template <class Function>
  auto each_share(Function f) const {
    return [this, f](int thread) {
      for (int share = thread; share < dealt_; share += threads_) f(share, thread);
    };
  }

  /// `step`: the number of the training step, 0 if it is none.
  [[nodiscard]] Context context(const Samples& data, Index epoch, Index step) const {
    Context context{
        .training = step > 0, .seed = seed_, .epoch = static_cast<std::uint64_t>(epoch), .labels = data.input.labels()};
    if constexpr (requires { loss_.prepare(context, step); }) loss_.prepare(context, step > 0 ? step : steps_);
    return context;
  }

  /// The values that a share reduces and updates: whole cache lines, so that no two threads write the same.
  [[nodiscard]] std::pair<Index, Index> slice(int share) const {
    const auto bound = [&](Index k) {
      const Index even = Network::parameter_count * k / dealt_;
      return std::min(Network::whole_lines(even), Network::parameter_count);
    };
    return {bound(share), bound(share + 1) - bound(share)};
  }

  /// Calls f(pass) for each of a share's micro-batches of a batch.
  template <class Function>
  void for_each_pass(int share, const Batch& batch, const Function& f) {
    constexpr auto lanes = static_cast<std::size_t>(Pack::lanes);
    const auto size = batch.indices.size();
    for (std::size_t first = static_cast<std::size_t>(share) * lanes; first < size;
         first += static_cast<std::size_t>(dealt_) * lanes)
      f(pass_of(own(share), batch, batch.indices.subspan(first, std::min(lanes, size - first)),
                static_cast<Index>(size)));
  }

  [[nodiscard]] Pass pass_of(Share& share, const Batch& batch, std::span<const Index> samples, Index batch_size) const {
    alignas(simd::alignment) Scalar weights[static_cast<std::size_t>(Pack::lanes)] = {};
    const Eigen::VectorXd& given = batch.data.weights;
    for (std::size_t lane = 0; lane < samples.size(); ++lane)
      weights[lane] =
          static_cast<Scalar>((given.size() > 0 ? given[samples[lane]] : 1.0) / static_cast<double>(batch_size));
    Pass pass{parameters(), panels_.data(), batch.context, Pack::load(weights), &share.measures};
    pass.context.samples = samples;
    return pass;
  }

  /// Loads a micro-batch and runs the stages before boundary Last on it.
  template <int Last>
  void forward(Workspace& workspace, const Batch& batch, const Pass& pass) {
    const Samples& data = batch.data;
    const auto samples = pass.context.samples;
    if (data.augmentation) return forward_augmented<Last>(workspace, batch, pass);
    if (data.corruption) {
      network::load(data.input, samples, data.corruption, batch.noise, workspace.template activation<0>());
    } else {
      network::load(data.input, samples, workspace.template activation<0>());
    }
    if (Last == Network::count && data.has_target()) network::load(data.what_to_make(), samples, workspace.target());
    Network::template forward<0, Last>(pass, workspace);
  }

  template <int Last>
  void forward_augmented(Workspace& workspace, const Batch& batch, const Pass& pass) {
    const Samples& data = batch.data;
    const auto samples = pass.context.samples;
    const auto load = [&](const Dataset& from, const Corruption& noise, auto to) {
      network::load(from, samples, data.augmentation, seed_, batch.context.epoch, noise, batch.noise, to);
    };
    load(data.input, data.corruption, workspace.template activation<0>());
    if constexpr (network::is_own_target<Loss>(Network::input, Network::output)) {
      if (Last == Network::count && data.has_target()) load(data.what_to_make(), {}, workspace.target());
    } else {
      if (Last == Network::count) network::load(data.target, samples, workspace.target());
    }
    Network::template forward<0, Last>(pass, workspace);
  }

  /// The weighted sum of the lanes' losses; their gradient goes into dy.
  template <class DY>
  double add_loss(Workspace& workspace, const Batch& batch, Pack weight, DY dy) const {
    const Pack each = network::evaluate_loss<Chosen>(loss_, workspace, batch.data.has_target(), weight, dy);
    return static_cast<double>(sum(each * weight));
  }

  /// The metrics of a step's batch, by names of which some may be the same.
  template <class Function>
  void for_each_measured(Function&& f) const {
    double reconstruction = 0;
    for (const Share& share : dealt()) reconstruction += share.loss;
    if constexpr (Network::adds_loss) f(std::string_view("reconstruction"), reconstruction);
    Network::report(means_, f);
    if constexpr (code_penalties::active) {
      penalties_.for_each_value(f);
      f(std::string_view("mean_activation"), penalties_.mean_activation());
      f(std::string_view("active_units"), penalties_.active_units());
    }
    if constexpr (weight_penalty::active) {
      double total = 0;
      for (const Share& share : dealt()) total += share.weight_penalty;
      f(std::string_view("weight_penalty"), total);
    }
  }

  /// A share of the losses of samples first ... first + count - 1, which are one batch.
  void add_losses(int id, int thread, const Batch& batch, Index first, Index count) {
    Share& share = own(id);
    Workspace& workspace = workspaces_[static_cast<std::size_t>(thread)];
    share.begin();
    if constexpr (code_penalties::active) penalties_.begin(id);
    for (Index m = id * Pack::lanes; m < count; m += dealt_ * Pack::lanes) {
      const network::MicroBatch<Pack> part(first + m, first + count);
      const Pass pass = pass_of(share, batch, part.samples(), count);
      forward<Network::count>(workspace, batch, pass);
      share.loss += add_loss(workspace, batch, pass.weight, network::NoOutputGradient<Network>{});
      if constexpr (code_penalties::active) penalties_.add_codes(id, workspace, pass.weight);
    }
  }

  /// The first of two walks, where a penalty needs the batch's mean code before the gradient of any sample.
  void average_codes(int share, int thread, const Batch& batch) {
    Workspace& workspace = workspaces_[static_cast<std::size_t>(thread)];
    own(share).begin();
    penalties_.begin(share);
    for_each_pass(share, batch, [&](const Pass& pass) {
      forward<Model::code>(workspace, batch, pass);
      penalties_.add_codes(share, workspace, pass.weight);
    });
  }

  /// A share of the batch, forward and backward.
  void accumulate(int id, int thread, const Batch& batch) {
    Share& share = own(id);
    Workspace& workspace = workspaces_[static_cast<std::size_t>(thread)];
    std::ranges::fill(share.gradient, Scalar(0));
    std::ranges::fill(share.gradient_panels, Scalar(0));
    share.begin();
    if constexpr (code_penalties::active && !code_penalties::over_batch) penalties_.begin(id);
    for_each_pass(id, batch, [&](const Pass& pass) {
      forward<Network::count>(workspace, batch, pass);
      share.loss += add_loss(workspace, batch, pass.weight, Network::output_gradient(workspace));
      const auto tap = [&]<int K>(std::integral_constant<int, K>) {
        if constexpr (code_penalties::active) {  // alone: it does not depend on K, so without a penalty nothing is
                                                 // looked up
          if constexpr (K == Model::code) {
            if constexpr (!code_penalties::over_batch) penalties_.add_codes(id, workspace, pass.weight);
            penalties_.add_gradient(id, workspace, pass.weight);
          }
        }
      };
      Network::backward(pass, workspace, share.gradient, share.gradient_panels.data(), tap);
    });
    Network::unpack(share.gradient_panels.data(), share.gradient);
  }

  /// Adds up all shares' gradients of this share's slice, into the first one's; and there, once a step, the kernels'.
  void reduce(int share) {
    using Part = Eigen::Map<Array>;
    const auto [first, count] = slice(share);
    bool finite = true;
    // In stretches that stay in L1 from the sum to the test.
    constexpr Index stretch = 2048;
    for (Index start = first; start < first + count; start += stretch) {
      const Index size = std::min(stretch, first + count - start);
      Part total(shares_[0].gradient.data() + start, size);
      for (int other = 1; other < dealt_; ++other) total += Part(own(other).gradient.data() + start, size);
      if constexpr (weight_penalty::active)
        weight_penalty::add_gradient(parameters(), shares_[0].gradient, start, size);
      // 0 x is 0 for numbers and NaN for infinities and NaN.
      finite = finite && (total * Scalar(0)).sum() == Scalar(0);
    }
    own(share).finite = finite;
    if constexpr (weight_penalty::active) own(share).weight_penalty = weight_penalty::value(parameters(), first, count);
    undo_.keep(parameters(), state_, static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  }

  /// Of a batch whose shares are all done: the loss with what layers and penalties on the code add.
  [[nodiscard]] double loss_of_shares() {
    double loss = 0;
    for (const Share& share : dealt()) loss += share.loss + Network::added_loss(share.measures);
    if constexpr (code_penalties::active) {
      penalties_.finish_mean(0);
      loss += penalties_.value();
    }
    return loss;
  }

  [[nodiscard]] double total_loss() {
    double loss = loss_of_shares();
    std::ranges::fill(means_, 0);
    for (const Share& share : dealt())
      for (std::size_t k = 0; k < means_.size(); ++k) means_[k] += share.measures[k];
    if constexpr (weight_penalty::active)
      for (const Share& share : dealt()) loss += share.weight_penalty;
    return loss;
  }

  void update(int share, double rate, Index step) noexcept(!undoable) {
    const auto [first, count] = slice(share);
    const auto part = [first = static_cast<std::size_t>(first), count = static_cast<std::size_t>(count)](auto all) {
      return all.subspan(first, count);
    };
    std::array<std::span<Scalar>, static_cast<std::size_t>(Optimizer::slots)> state;
    for (std::size_t slot = 0; slot < state.size(); ++slot)
      state[slot] = part(std::span<Scalar>(state_).subspan(slot * static_cast<std::size_t>(Network::parameter_count)));
    optimizer_.template update<Scalar>(part(model_.parameters()), part(std::span<const Scalar>(shares_[0].gradient)),
                                       state, rate, step);
  }

  /// What went wrong, in a step whose loss or gradient was not finite.
  [[nodiscard]] std::string diagnose(const Batch& batch, Index epoch, Index step, double loss) {
    const FlushDenormals flush;
    const auto layers = Model::layers();
    const std::string where = training::first_infinite_layer<Network>(
        layers, Model::tensors(), std::span<const Scalar>(shares_[0].gradient), [&](const auto& look) {
          for (int share = 0; share < dealt_; ++share)
            for_each_pass(share, batch, [&](const Pass& pass) {
              forward<Network::count>(workspaces_[0], batch, pass);
              look(workspaces_[0]);
            });
        });
    return training::divergence_message(epoch, step, loss, where);
  }

  static constexpr bool undoable = training::update_may_throw<Optimizer, Scalar>;

  Model& model_;
  Loss loss_;
  Optimizer optimizer_;
  training::Clipping clipping_;
  Seed seed_;
  std::vector<Share> shares_;
  code_penalties penalties_;
  Buffer<Scalar> panels_;
  Buffer<Scalar> state_;
  training::Undo<Scalar, undoable> undo_;
  Workers workers_;
  /// One a thread.
  std::vector<Workspace> workspaces_;
  /// Of how many shares and threads the present work is.
  int dealt_ = 1;
  int threads_ = 1;
  /// What the layers measured, averaged over the last step's batch; and the names of what is told of that.
  std::vector<double> means_ = std::vector<double>(Network::measure_count);
  std::vector<std::string> metric_names_;
  std::vector<Metric> metrics_;
  Index steps_ = 0;
  double learning_rate_factor_ = 1;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
