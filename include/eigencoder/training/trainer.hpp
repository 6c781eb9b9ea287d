#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/distributed/ranks.hpp>
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
#include <eigencoder/training/gradient_sums.hpp>
#include <eigencoder/training/metric_names.hpp>
#include <eigencoder/training/samples.hpp>
#include <eigencoder/training/shards.hpp>
#include <eigencoder/training/step_result.hpp>
#include <eigencoder/training/undo.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Takes training steps: what `fit` repeats, for those who write their own loop.
///
/// A step deals its batch out in micro-batches of `Network::Pack::lanes` samples, and these in shards
/// (training/shards.hpp), of which every thread takes a run. Each micro-batch goes depth-first through the whole
/// network, forward and backward, while it is in the core's cache. Then every thread adds up and updates its slice of
/// the parameters. Nothing is allocated after the first step on a batch of the largest size.
///
/// Sums are over the shards in a fixed order: the result does not depend on the number of threads. Nor does it on that
/// of processes, if there are several that share the batch's shards, the ranks of a communicator. All of these must
/// then call the same, and each `step` and `evaluate` by `on_all_ranks` if they are to hear of exceptions.
template <class Model, class PlainLoss, class Optimizer, concepts::Communicator Communicator = Alone>
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
  /// shard_optimizer: see FitOptions.
  /// Throws std::invalid_argument for a hyper-parameter or a number of threads out of its range.
  Trainer(Model& model, PlainLoss loss, Optimizer optimizer, Seed seed = {}, Index threads = 0,
          const Communicator& communicator = {}, bool shard_optimizer = false)
      : model_(model),
        loss_(loss),
        optimizer_(optimizer),
        clipping_(optimizer, tensor_sizes()),
        seed_(seed),
        ranks_(communicator),
        shard_count_(std::max(training::shards(Network::parameter_count), static_cast<int>(ranks_.least_shards()))),
        threads_(Workers::count(threads, Workers::most)),
        penalties_(loss_, shard_count_, threads_),
        panels_(static_cast<std::size_t>(Network::panel_size)),
        is_sharded_(shard_optimizer && ranks_.size() > 1),
        moved_(is_sharded_ ? ranks_.template part<Scalar>(Network::parameter_count) : whole),
        state_(static_cast<std::size_t>(Optimizer::slots * moved_.count)),
        undo_(static_cast<std::size_t>(moved_.count), state_.size()),
        workers_(threads_),
        sums_(workers_.size(), shard_count_),
        members_(static_cast<std::size_t>(workers_.size())) {
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
    sums_.plan(deal_);
    if constexpr (code_penalties::over_batch) {
      workers_.run(deal_.threads(), [&](int thread) { average_codes(thread, batch); });
      ranks_.agree();
      exchange_codes();
    }
    double loss = 0;
    bool finite = false;
    const auto forward_and_backward = [&](int thread) {
      if constexpr (code_penalties::over_batch) penalties_.finish_mean(thread);
      accumulate(thread, batch);
    };
    const auto add_up = [&](int thread) { reduce(thread); };
    const auto meet = [&](int thread) {
      if (thread != 0) return;
      exchange_records();
      if constexpr (!code_penalties::over_batch) exchange_codes();
      if (sums_parts()) {
        ranks_.reduce_scatter(gradient());
      } else {
        ranks_.sum(gradient());
      }
    };
    const auto completion = [&](int thread) {
      const auto part = slice_of(sums_parts() ? moved_ : whole, thread);
      for_each_stretch(part, [&](Index first, Index size) { complete(thread, first, size); });
    };
    const auto decide = [&](int thread) {
      if (thread != 0) return;
      loss = total_loss();
      finite = std::isfinite(loss) && std::ranges::all_of(working(), &Member::finite);
      if (sums_parts()) finite = ranks_.least(finite);
      if (finite && clipping_.active()) clipping_.apply(gradient());
    };
    const auto move = [&](int thread) {
      if (finite) update(thread, rate, number);
    };
    const auto meet_again = [&](int thread) {
      if (thread != 0 || !finite) return;
      if (undoable || is_sharded_) ranks_.agree();
      if (is_sharded_) ranks_.all_gather(model_.parameters());
    };
    const auto pack = [&](int thread) {
      if (finite) Network::pack(parameters(), panels_.data(), thread, deal_.threads());
    };
    try {
      if constexpr (Ranks::alone) {
        workers_.run(deal_.threads(), forward_and_backward, add_up, decide, move, pack);
      } else {
        workers_.run(deal_.threads(), forward_and_backward, add_up, meet, completion, decide, move, meet_again, pack);
      }
    } catch (...) {
      if (finite) undo_.restore(of(moved_, model_.parameters()), state_);
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
      workers_.run(deal_.threads(), [&](int thread) { add_losses(thread, batch, first, count); });
      exchange_records();
      exchange_codes();
      sum += loss_of_shards() * static_cast<double>(count);
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
  /// The optimiser's memory: `Optimizer::slots` arrays of the parameters' size, one after the other. Of several ranks,
  /// all must call it.
  [[nodiscard]] Buffer<Scalar> optimizer_state() {
    Buffer<Scalar> all(static_cast<std::size_t>(Optimizer::slots * Network::parameter_count));
    for (int slot = 0; slot < Optimizer::slots; ++slot) {
      const std::span<Scalar> values = slot_of(slot, std::span<Scalar>(all));
      std::ranges::copy(state_of(slot), of(moved_, values).begin());
      if (is_sharded_) ranks_.all_gather(values);
    }
    return all;
  }

  /// Goes on from where another trainer was, after so many steps. Throws std::invalid_argument if there are not as many
  /// parameters, or not as many values in the optimiser's state, as here.
  [[gnu::cold]] void resume(std::span<const Scalar> values, std::span<const Scalar> optimizer_state, Index steps,
                            double learning_rate_factor) {
    if (values.size() != model_.parameters().size() ||
        optimizer_state.size() != static_cast<std::size_t>(Optimizer::slots) * values.size())
      throw std::invalid_argument("Trainer::resume: there are not as many parameters, or values of the optimizer's");
    std::ranges::copy(values, model_.parameters().begin());
    for (int slot = 0; slot < Optimizer::slots; ++slot)
      std::ranges::copy(of(moved_, slot_of(slot, optimizer_state)), state_of(slot).begin());
    steps_ = steps;
    learning_rate_factor_ = learning_rate_factor;
    parameters_changed();
  }
  /// The model's parameters were changed by someone else.
  void parameters_changed() { Network::pack(parameters(), panels_.data()); }
  /// The number of threads asked for, or that of the cores, if there are fewer.
  [[nodiscard]] int threads() const { return threads_; }

 private:
  using Ranks = distributed::Ranks<Communicator>;
  using Array = typename Network::Array;
  using Workspace = typename Network::Workspace;
  using Pass = typename Network::Pass;
  using code_penalties = penalties::CodePenalties<Network, Model::code, Loss>;
  using weight_penalty = penalties::WeightPenalty<Network>;

  /// What a shard measures, on cache lines of its own: the loss, without what layers add to it, then what these
  /// measure.
  struct alignas(simd::alignment) Record {
    double loss = 0;
    typename Network::Measures measures{};
  };
  /// What belongs to a thread, on cache lines of its own.
  struct alignas(simd::alignment) Member {
    Workspace workspace;
    bool finite = true;
  };
  /// All parameters.
  static constexpr distributed::Part whole{0, Network::parameter_count};

  template <class Value>
  static std::span<Value> of(const distributed::Part& part, std::span<Value> all) {
    return all.subspan(static_cast<std::size_t>(part.first), static_cast<std::size_t>(part.count));
  }
  template <class Value>
  static std::span<Value> slot_of(int slot, std::span<Value> all) {
    return of({slot * Network::parameter_count, Network::parameter_count}, all);
  }
  /// What the optimiser remembers of the parameters that it moves.
  [[nodiscard]] std::span<Scalar> state_of(int slot) {
    return of({slot * moved_.count, moved_.count}, std::span<Scalar>(state_));
  }
  /// Whether this rank gets the gradient of the parameters that it moves alone: but clipping looks at all of it.
  [[nodiscard]] bool sums_parts() const { return is_sharded_ && !clipping_.active(); }

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

  [[nodiscard]] Member& own(int thread) { return members_[static_cast<std::size_t>(thread)]; }
  [[nodiscard]] std::span<const Member> working() const {
    return std::span(members_).first(static_cast<std::size_t>(deal_.threads()));
  }
  [[nodiscard]] Record& record(int shard) { return records_[static_cast<std::size_t>(shard)]; }
  [[nodiscard]] std::span<Scalar> gradient() { return sums_.gradient(); }
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

  /// Deals so many samples out to shards, and the shards to threads.
  void deal_out(Index samples) {
    std::ranges::fill(records_, Record{});
    if constexpr (code_penalties::active) penalties_.begin();
    const auto [first, count] = ranks_.shards(shard_count_);
    deal_.deal(micro_batches(samples), first, count, workers_.size());
  }

  /// `step`: the number of the training step, 0 if it is none.
  [[nodiscard]] Context context(const Samples& data, Index epoch, Index step) const {
    Context context{
        .training = step > 0, .seed = seed_, .epoch = static_cast<std::uint64_t>(epoch), .labels = data.input.labels()};
    if constexpr (requires { loss_.prepare(context, step); }) loss_.prepare(context, step > 0 ? step : steps_);
    return context;
  }

  /// The parameters come in as many pieces as there are shards, of whole cache lines, so that no two threads write the
  /// same. A piece's first one and size; and those of all that a thread reduces and updates.
  [[nodiscard]] std::pair<Index, Index> pieces(int first, int last) const {
    const auto bound = [&](int k) {
      return std::min(Network::whole_lines(Network::parameter_count * k / shard_count_), Network::parameter_count);
    };
    return {bound(first), bound(last) - bound(first)};
  }
  [[nodiscard]] std::pair<int, int> pieces_of(int thread) const {
    return {shard_count_ * thread / deal_.threads(), shard_count_ * (thread + 1) / deal_.threads()};
  }
  [[nodiscard]] distributed::Part slice(int thread) const {
    const auto [first, last] = pieces_of(thread);
    const auto [start, count] = pieces(first, last);
    return {start, count};
  }
  /// What of some of the parameters is a thread's.
  [[nodiscard]] distributed::Part slice_of(const distributed::Part& part, int thread) const {
    if (part.count == Network::parameter_count) return slice(thread);
    const auto bound = [&](int k) {
      return std::min(Network::whole_lines(part.count * k / deal_.threads()), part.count);
    };
    return {part.first + bound(thread), bound(thread + 1) - bound(thread)};
  }

  /// Calls f(pass, m) for each of a shard's micro-batches m of a batch.
  template <class Function>
  void for_each_pass(int shard, const Batch& batch, const Function& f) {
    constexpr auto lanes = static_cast<std::size_t>(Pack::lanes);
    const auto size = batch.indices.size();
    for (Index m = deal_.begin(shard); m < deal_.begin(shard + 1); ++m) {
      const std::size_t first = static_cast<std::size_t>(m) * lanes;
      f(pass_of(record(shard), batch, batch.indices.subspan(first, std::min(lanes, size - first)),
                static_cast<Index>(size)),
        m);
    }
  }

  [[nodiscard]] Pass pass_of(Record& record, const Batch& batch, std::span<const Index> samples,
                             Index batch_size) const {
    alignas(simd::alignment) Scalar weights[static_cast<std::size_t>(Pack::lanes)] = {};
    const Eigen::VectorXd& given = batch.data.weights;
    for (std::size_t lane = 0; lane < samples.size(); ++lane)
      weights[lane] =
          static_cast<Scalar>((given.size() > 0 ? given[samples[lane]] : 1.0) / static_cast<double>(batch_size));
    Pass pass{parameters(), panels_.data(), batch.context, Pack::load(weights), &record.measures};
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
    for (const Record& record : records_) reconstruction += record.loss;
    if constexpr (Network::adds_loss) f(std::string_view("reconstruction"), reconstruction);
    Network::report(means_, f);
    if constexpr (code_penalties::active) {
      penalties_.for_each_value(f);
      f(std::string_view("mean_activation"), penalties_.mean_activation());
      f(std::string_view("active_units"), penalties_.active_units());
    }
    if constexpr (weight_penalty::active) {
      double total = 0;
      for (const double penalty : weight_penalties_) total += penalty;
      f(std::string_view("weight_penalty"), total);
    }
  }

  /// A thread's part of the losses of samples first ... first + count - 1, which are one batch.
  void add_losses(int thread, const Batch& batch, Index first, Index count) {
    Workspace& workspace = own(thread).workspace;
    for (const int shard : deal_.of(thread))
      for (Index m = deal_.begin(shard); m < deal_.begin(shard + 1); ++m) {
        const network::MicroBatch<Pack> part(first + m * Pack::lanes, first + count);
        const Pass pass = pass_of(record(shard), batch, part.samples(), count);
        forward<Network::count>(workspace, batch, pass);
        record(shard).loss += add_loss(workspace, batch, pass.weight, network::NoOutputGradient<Network>{});
        if constexpr (code_penalties::active) penalties_.add_codes(shard, workspace, pass.weight);
      }
  }

  /// The first of two walks, where a penalty needs the batch's mean code before the gradient of any sample. What layers
  /// measure, they measure in the second.
  void average_codes(int thread, const Batch& batch) {
    Workspace& workspace = own(thread).workspace;
    for (const int shard : deal_.of(thread))
      for_each_pass(shard, batch, [&](Pass pass, Index) {
        pass.measures = nullptr;
        forward<Model::code>(workspace, batch, pass);
        penalties_.add_codes(shard, workspace, pass.weight);
      });
  }

  /// A thread's part of the batch, forward and backward.
  void accumulate(int thread, const Batch& batch) {
    Workspace& workspace = own(thread).workspace;
    sums_.walk(thread, deal_, [&](int shard, Scalar* sum, const RunningSum& whole) {
      for_each_pass(shard, batch, [&](const Pass& pass, Index m) {
        forward<Network::count>(workspace, batch, pass);
        record(shard).loss += add_loss(workspace, batch, pass.weight, Network::output_gradient(workspace));
        const auto tap = [&]<int K>(std::integral_constant<int, K>) {
          if constexpr (code_penalties::active) {  // alone: it does not depend on K, so without a penalty nothing is
                                                   // looked up
            if constexpr (K == Model::code) {
              if constexpr (!code_penalties::over_batch) penalties_.add_codes(shard, workspace, pass.weight);
              penalties_.add_gradient(thread, workspace, pass.weight);
            }
          }
        };
        const RunningSum piece = whole.piece(m == deal_.begin(shard), m + 1 == deal_.begin(shard + 1));
        Network::backward(pass, workspace, sum, piece, tap);
      });
    });
  }

  /// f(first, size) for stretches of a slice that stay in L1 while they are worked on.
  template <class Function>
  static void for_each_stretch(const distributed::Part& slice, const Function& f) {
    constexpr Index stretch = 2048;
    const auto [first, count] = slice;
    for (Index start = first; start < first + count; start += stretch)
      f(start, std::min(stretch, first + count - start));
  }

  /// Adds up all threads' sums of a thread's slice, into the first one's.
  void reduce(int thread) {
    own(thread).finite = true;
    for_each_stretch(slice(thread), [&](Index first, Index size) {
      sums_.add_up(first, size);
      if constexpr (Ranks::alone) complete(thread, first, size);
    });
    if constexpr (weight_penalty::active)
      for (auto [piece, last] = pieces_of(thread); piece < last; ++piece) {
        const auto [first, count] = pieces(piece, piece + 1);
        weight_penalties_[static_cast<std::size_t>(piece)] = weight_penalty::value(parameters(), first, count);
      }
    const auto [first, count] = slice_of(moved_, thread);
    undo_.keep(of(moved_, parameters()), state_, static_cast<std::size_t>(first - moved_.first),
               static_cast<std::size_t>(count));
  }
  /// To a stretch of the whole batch's gradient, adds once what the kernels' penalties do; and looks at it.
  void complete(int thread, Index first, Index size) {
    if constexpr (weight_penalty::active) weight_penalty::add_gradient(parameters(), gradient(), first, size);
    // 0 x is 0 for numbers and NaN for infinities and NaN.
    if ((Eigen::Map<Array>(gradient().data() + first, size) * Scalar(0)).sum() != Scalar(0)) own(thread).finite = false;
  }

  /// What the shards measured, of all ranks, once all of these have come so far.
  void exchange_records() {
    ranks_.agree();
    ranks_.gather_shards(std::span(records_), shard_count_);
  }
  /// The same of what penalties on the code look at.
  void exchange_codes() {
    if constexpr (code_penalties::active)
      penalties_.for_each_values([&](auto values) { ranks_.gather_shards(values, shard_count_); });
  }

  /// Of a batch whose shards are all done: the loss with what layers and penalties on the code add.
  [[nodiscard]] double loss_of_shards() {
    double loss = 0;
    for (const Record& record : records_) loss += record.loss + Network::added_loss(record.measures);
    if constexpr (code_penalties::active) {
      penalties_.finish_mean(0);
      loss += penalties_.value();
    }
    return loss;
  }

  [[nodiscard]] double total_loss() {
    double loss = loss_of_shards();
    std::ranges::fill(means_, 0);
    for (const Record& record : records_)
      for (std::size_t k = 0; k < means_.size(); ++k) means_[k] += record.measures[k];
    for (const double penalty : weight_penalties_) loss += penalty;
    return loss;
  }

  void update(int thread, double rate, Index step) noexcept(!undoable) {
    const distributed::Part part = slice_of(moved_, thread);
    std::array<std::span<Scalar>, static_cast<std::size_t>(Optimizer::slots)> state;
    for (int slot = 0; slot < Optimizer::slots; ++slot)
      state[static_cast<std::size_t>(slot)] = of({part.first - moved_.first, part.count}, state_of(slot));
    optimizer_.template update<Scalar>(of(part, model_.parameters()), of(part, std::span<const Scalar>(gradient())),
                                       state, rate, step);
  }

  /// What went wrong, in a step whose loss or gradient was not finite.
  [[nodiscard]] [[gnu::cold]] std::string diagnose(const Batch& batch, Index epoch, Index step, double loss) {
    const FlushDenormals flush;
    if (sums_parts()) ranks_.all_gather(gradient());
    const auto layers = Model::layers();
    const std::string where = training::first_infinite_layer<Network>(
        layers, Model::tensors(), std::span<const Scalar>(gradient()),
        [&](const auto& look) {
          for (const int shard : deal_.taken())
            for_each_pass(shard, batch, [&](const Pass& pass, Index) {
              forward<Network::count>(own(0).workspace, batch, pass);
              look(own(0).workspace);
            });
        },
        [&](int stage) {
          ranks_.agree();
          return ranks_.least(stage);
        });
    return training::divergence_message(epoch, step, loss, where);
  }

  static constexpr bool undoable = training::update_may_throw<Optimizer, Scalar>;

  Model& model_;
  Loss loss_;
  Optimizer optimizer_;
  training::Clipping clipping_;
  Seed seed_;
  Ranks ranks_;
  int shard_count_;
  int threads_;
  code_penalties penalties_;
  Buffer<Scalar> panels_;
  /// The parameters that this rank's optimiser moves, and its memory of them, an array for each slot.
  bool is_sharded_;
  distributed::Part moved_;
  Buffer<Scalar> state_;
  training::Undo<Scalar, undoable> undo_;
  Workers workers_;
  training::GradientSums<Network> sums_;
  std::vector<Member> members_;
  /// How the present work is dealt out.
  training::Deal deal_{shard_count_};
  std::vector<Record> records_ = std::vector<Record>(static_cast<std::size_t>(shard_count_));
  /// On the kernels in each piece of the parameters.
  std::vector<double> weight_penalties_ = std::vector<double>(weight_penalty::active ? records_.size() : 0);
  /// What the layers measured, averaged over the last step's batch; and the names of what is told of that.
  std::vector<double> means_ = std::vector<double>(Network::measure_count);
  std::vector<std::string> metric_names_;
  std::vector<Metric> metrics_;
  Index steps_ = 0;
  double learning_rate_factor_ = 1;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
