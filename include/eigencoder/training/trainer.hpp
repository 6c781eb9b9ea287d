#pragma once

#include <deque>
#include <eigencoder/core/target.hpp>
#include <eigencoder/core/workers.hpp>
#include <eigencoder/models/layer_info.hpp>
#include <eigencoder/models/losses.hpp>
#include <eigencoder/models/output_range.hpp>
#include <eigencoder/optimizers/optimizer.hpp>
#include <eigencoder/training/clipping.hpp>
#include <eigencoder/training/code_penalties.hpp>
#include <eigencoder/training/divergence.hpp>
#include <eigencoder/training/metric_names.hpp>
#include <eigencoder/training/samples.hpp>
#include <eigencoder/training/weight_penalty.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Takes training steps: what `fit` repeats, for those who write their own loop.
///
/// A step shares its batch out among the threads in micro-batches of `Network::Pack::lanes` samples. Each goes
/// depth-first through the whole network, forward and backward, while it is in the core's cache; each thread sums its
/// own gradient. Then every thread adds up and updates its slice of the parameters. Nothing is allocated after
/// construction.
template <class Model, class PlainLoss, class Optimizer>
class Trainer {
  static_assert(sizeof(detail::RequireLoss<PlainLoss>) + sizeof(detail::RequireOptimizer<Optimizer>) > 0);
  using Loss = models::Objective<Model, PlainLoss>;
  using Chosen = models::LossNetwork<typename Model::Network, Loss>;

  static_assert(models::output_suits<Model, Loss>,
                "the loss is defined in [0, 1] only, and the decoder's last activation gives other values: end the "
                "decoder in sigmoid, or take another loss, such as MeanSquaredError{}");

 public:
  using Network = typename Chosen::type;
  using Scalar = typename Network::Scalar;
  using Pack = typename Network::Pack;

  /// Trains `model`, which must outlive the trainer, from its present parameters. threads 0: all cores.
  /// Throws std::invalid_argument for a hyper-parameter out of its range.
  Trainer(Model& model, PlainLoss loss, Optimizer optimizer, Seed seed = {}, int threads = 0)
      : model_(model),
        loss_(loss),
        optimizer_(optimizer),
        clipping_(optimizer, tensor_sizes()),
        seed_(seed),
        workers_(threads),
        threads_(static_cast<std::size_t>(workers_.size())),
        penalties_(loss_, workers_.size()),
        panels_(Network::panel_size),
        state_(Array::Zero(Optimizer::slots * Network::parameter_count)) {
    for_each_measured([&](std::string_view name, double) { training::add_distinct(metric_names_, name); });
    if constexpr (requires { optimizer_.check(); }) optimizer_.check();
    check_loss(loss_, Network::output);
    Network::pack(parameters(), panels_.data());
  }

  /// One step on those of the samples that have these numbers; their mean loss before it.
  ///
  /// Throws std::runtime_error that names epoch, step and layer if the loss or the gradient is not finite; the
  /// parameters are then as before the step. Throws std::invalid_argument for samples of the wrong size and numbers of
  /// none.
  double step(const Samples& data, std::span<const Index> numbers, Index epoch = 0) {
    require_samples(data, numbers);
    models::require_labels(Network::template classes<0, Network::count>(), data.input.labels(), numbers);
    ++steps_;
    const double rate = learning_rate();
    const Batch batch{data, numbers, context(data, epoch, true), Philox(seed_, Stream::corruption, epoch)};
    double loss = 0;
    bool finite = false;
    workers_.run([&](int id) {
      if constexpr (code_penalties::over_batch) {
        average_codes(id, batch);
        workers_.barrier();
        penalties_.finish_mean(id);
      }
      accumulate(id, batch);
      workers_.barrier();
      reduce(id);
      workers_.barrier();
      if (id == 0) {
        loss = total_loss();
        finite = std::isfinite(loss) &&
                 std::all_of(threads_.begin(), threads_.end(), [](const Thread& thread) { return thread.finite; });
        if (finite && clipping_.active()) clipping_.apply(span(threads_[0].gradient));
      }
      workers_.barrier();
      if (!finite) return;
      update(id, rate);
      workers_.barrier();
      Network::pack(parameters(), panels_.data(), id, workers_.size());
    });
    if (!finite) throw std::runtime_error(diagnose(batch, epoch, loss));
    return loss;
  }

  /// The mean loss over the data as a step counts it, with all that layers, penalties and regularisers add, but without
  /// training: without dropout, and the parameters stay. Penalties on a batch's mean code are those of batches of
  /// `batch_size` samples, the last of which may be smaller.
  [[nodiscard]] double evaluate(const Samples& data, Index batch_size = 32) {
    models::require_features(data.input, Network::input, "evaluate");
    models::require_features(data.target, Network::output, "evaluate: targets");
    models::require_labels(Network::template classes<0, Network::count>(), data.input);
    if (batch_size < 1)
      throw std::invalid_argument("evaluate: batch_size is " + std::to_string(batch_size) + "; expected at least 1");
    const Batch batch{data, {}, context(data, 0, false), Philox(seed_, Stream::corruption, ~std::uint64_t{0})};
    const Index size = data.input.size();
    // Only those penalties tell one batch from another.
    const Index step = code_penalties::over_batch ? std::min(batch_size, size) : size;
    double sum = 0;
    for (Index first = 0; first < size; first += step) {
      const Index count = std::min(step, size - first);
      workers_.run([&](int id) { add_losses(id, batch, first, count); });
      sum += loss_of_threads() * static_cast<double>(count);
    }
    double loss = sum / static_cast<double>(size);
    if constexpr (weight_penalty::active) loss += weight_penalty::value(parameters(), 0, Network::parameter_count);
    return loss;
  }

  /// Calls f(name, value) for each metric of the last step's batch: "reconstruction", the loss without what layers add
  /// to it, what these report, each penalty on the code by its name with the code's "mean_activation" and
  /// "active_units", and "weight_penalty". The second of a name is told as name_2, and so on.
  template <class Function>
  void for_each_metric(Function&& f) const {
    std::size_t k = 0;
    for_each_measured([&](std::string_view, double value) { f(std::string_view(metric_names_.at(k++)), value); });
  }

  /// Steps taken so far, and the learning rate of the present one.
  [[nodiscard]] Index steps() const { return steps_; }
  [[nodiscard]] double learning_rate() const {
    return learning_rate_factor_ * optimizer_.learning_rate.rate(std::max<Index>(steps_, 1));
  }
  /// Multiplies the optimiser's learning rate from now on: for those who lower it as they see the losses.
  void scale_learning_rate(double factor) { learning_rate_factor_ *= factor; }
  [[nodiscard]] int threads() const { return workers_.size(); }

 private:
  using Array = typename Network::Array;
  using Workspace = typename Network::Workspace;
  using Pass = typename Network::Pass;
  using code_penalties = training::CodePenalties<Network, Model::code, Loss>;
  using weight_penalty = training::WeightPenalty<Network>;

  struct Thread {
    Workspace workspace;
    Array gradient = Array::Zero(Network::parameter_count);
    Array gradient_panels = Array::Zero(Network::gradient_panel_size);
    typename Network::Measures measures{};
    double loss = 0;
    /// On the kernels in the thread's slice of the parameters.
    double weight_penalty = 0;
    bool finite = true;

    void begin() {
      loss = 0;
      measures.fill(0);
    }
  };

  struct Batch {
    const Samples& data;
    std::span<const Index> numbers;
    Context context;
    Philox noise;
  };

  static void require_samples(const Samples& data, std::span<const Index> numbers) {
    models::require_features(data.input, Network::input, "Trainer::step");
    models::require_features(data.target, Network::output, "Trainer::step: targets");
    if (numbers.empty()) throw std::invalid_argument("Trainer::step: the batch is empty");
    for (const Index number : numbers)
      if (number < 0 || number >= data.input.size())
        throw std::invalid_argument("Trainer::step: there is no sample " + std::to_string(number) + " among " +
                                    std::to_string(data.input.size()));
  }

  [[nodiscard]] static std::vector<Index> tensor_sizes() {
    std::vector<Index> sizes;
    for (const NamedTensor& tensor : Model::tensors()) sizes.push_back(tensor.size());
    return sizes;
  }

  [[nodiscard]] Thread& own(int id) { return threads_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] std::span<const Scalar> parameters() const { return std::as_const(model_).parameters(); }
  [[nodiscard]] static std::span<Scalar> span(Array& array) {
    return {array.data(), static_cast<std::size_t>(array.size())};
  }

  [[nodiscard]] Context context(const Samples& data, Index epoch, bool training) const {
    Context context{
        .training = training, .seed = seed_, .epoch = static_cast<std::uint64_t>(epoch), .labels = data.input.labels()};
    if constexpr (requires { loss_.prepare(context, steps_); }) loss_.prepare(context, steps_);
    return context;
  }

  /// The values that thread `id` reduces and updates: whole cache lines, so that no two threads write the same.
  [[nodiscard]] std::pair<Index, Index> slice(int id) const {
    const auto bound = [&](Index k) {
      const Index even = Network::parameter_count * k / workers_.size();
      return std::min(Network::whole_lines(even), Network::parameter_count);
    };
    return {bound(id), bound(id + 1) - bound(id)};
  }

  /// Calls f(pass) for each of this thread's micro-batches of a batch.
  template <class Function>
  void for_each_pass(int id, const Batch& batch, const Function& f) {
    constexpr auto lanes = static_cast<std::size_t>(Pack::lanes);
    const auto size = batch.numbers.size();
    for (std::size_t first = static_cast<std::size_t>(id) * lanes; first < size;
         first += static_cast<std::size_t>(workers_.size()) * lanes)
      f(pass_of(own(id), batch, batch.numbers.subspan(first, std::min(lanes, size - first)), static_cast<Index>(size)));
  }

  [[nodiscard]] Pass pass_of(Thread& thread, const Batch& batch, std::span<const Index> samples,
                             Index batch_size) const {
    alignas(simd::alignment) Scalar weights[static_cast<std::size_t>(Pack::lanes)] = {};
    const Eigen::VectorXd& given = batch.data.weights;
    for (std::size_t lane = 0; lane < samples.size(); ++lane)
      weights[lane] =
          static_cast<Scalar>((given.size() > 0 ? given[samples[lane]] : 1.0) / static_cast<double>(batch_size));
    Pass pass{parameters(), panels_.data(), batch.context, Pack::load(weights), &thread.measures};
    pass.context.samples = samples;
    return pass;
  }

  /// Loads a micro-batch and runs the stages before boundary Last on it.
  template <int Last>
  void forward(Thread& thread, const Batch& batch, const Pass& pass) {
    const auto input = thread.workspace.template activation<0>();
    const Samples& data = batch.data;
    data.input.visit([&](const auto& read) {
      if (data.corruption) {
        const auto corrupted = [&](Index sample, Index first, Index count, Scalar* to) {
          read(sample, first, count, to);
          data.corruption.apply(std::span(to, static_cast<std::size_t>(count)), first, sample, batch.noise);
        };
        kernels::load_lanes(corrupted, pass.context.samples, input);
      } else {
        kernels::load_lanes(read, pass.context.samples, input);
      }
    });
    if (Last == Network::count && data.has_target()) {
      data.what_to_make().visit(
          [&](const auto& read) { kernels::load_lanes(read, pass.context.samples, thread.workspace.target()); });
    }
    Network::template forward<0, Last>(pass, thread.workspace);
  }

  /// The weighted sum of the lanes' losses; their gradient goes into dy.
  template <class DY>
  double add_loss(Thread& thread, const Batch& batch, Pack weight, DY dy) const {
    using Output = FeatureMap<const Pack, Network::template activation_layout<Network::count>>;
    const Output y = thread.workspace.template activation<Network::count>();
    const auto against = [&]<Layout T>(FeatureMap<Pack, T> target) {
      const Pack each = loss_.template evaluate<Chosen::logits>(y, FeatureMap<const Pack, T>(target), weight, dy);
      return static_cast<double>(sum(each * weight));
    };
    if (batch.data.has_target()) return against(thread.workspace.target());
    return against(thread.workspace.template activation<0>());
  }

  /// What `for_each_metric` tells, by names of which some may be the same.
  template <class Function>
  void for_each_measured(Function&& f) const {
    double reconstruction = 0;
    for (const Thread& thread : threads_) reconstruction += thread.loss;
    if constexpr (Network::adds_loss) f(std::string_view("reconstruction"), reconstruction);
    Network::report(means_, f);
    if constexpr (code_penalties::active) {
      penalties_.for_each_value(f);
      f(std::string_view("mean_activation"), penalties_.mean_activation());
      f(std::string_view("active_units"), penalties_.active_units());
    }
    if constexpr (weight_penalty::active) {
      double total = 0;
      for (const Thread& thread : threads_) total += thread.weight_penalty;
      f(std::string_view("weight_penalty"), total);
    }
  }

  /// This thread's share of the losses of samples first ... first + count - 1, which are one batch.
  void add_losses(int id, const Batch& batch, Index first, Index count) {
    Thread& thread = own(id);
    thread.begin();
    if constexpr (code_penalties::active) penalties_.begin(id);
    for (Index m = id * Pack::lanes; m < count; m += workers_.size() * Pack::lanes) {
      const models::MicroBatch<Pack> part(first + m, first + count);
      const Pass pass = pass_of(thread, batch, part.samples(), count);
      forward<Network::count>(thread, batch, pass);
      thread.loss +=
          add_loss(thread, batch, pass.weight, NoSink<Pack, Network::template gradient_layout<Network::count>>{});
      if constexpr (code_penalties::active) penalties_.add_codes(id, thread.workspace, pass.weight);
    }
  }

  /// The first of two walks, where a penalty needs the batch's mean code before the gradient of any sample.
  void average_codes(int id, const Batch& batch) {
    own(id).begin();
    penalties_.begin(id);
    for_each_pass(id, batch, [&](const Pass& pass) {
      forward<Model::code>(own(id), batch, pass);
      penalties_.add_codes(id, own(id).workspace, pass.weight);
    });
  }

  /// This thread's share of the batch, forward and backward.
  void accumulate(int id, const Batch& batch) {
    Thread& thread = own(id);
    thread.gradient.setZero();
    thread.gradient_panels.setZero();
    thread.begin();
    if constexpr (code_penalties::active && !code_penalties::over_batch) penalties_.begin(id);
    for_each_pass(id, batch, [&](const Pass& pass) {
      forward<Network::count>(thread, batch, pass);
      thread.loss += add_loss(thread, batch, pass.weight, Network::output_gradient(thread.workspace));
      const auto tap = [&]<int K>(std::integral_constant<int, K>) {
        if constexpr (code_penalties::active) {  // alone: it does not depend on K, so without a penalty nothing is
                                                 // looked up
          if constexpr (K == Model::code) {
            if constexpr (!code_penalties::over_batch) penalties_.add_codes(id, thread.workspace, pass.weight);
            penalties_.add_gradient(id, thread.workspace, pass.weight);
          }
        }
      };
      Network::backward(pass, thread.workspace, span(thread.gradient), thread.gradient_panels.data(), tap);
    });
    Network::unpack(thread.gradient_panels.data(), span(thread.gradient));
  }

  /// Adds up all threads' gradients of this thread's slice, into the first one's; and there, once a step, the kernels'.
  void reduce(int id) {
    const auto [first, count] = slice(id);
    own(id).finite = true;
    // In stretches that stay in L1 from the sum to the test.
    constexpr Index stretch = 2048;
    for (Index start = first; start < first + count; start += stretch) {
      const Index size = std::min(stretch, first + count - start);
      auto total = threads_[0].gradient.segment(start, size);
      for (std::size_t other = 1; other < threads_.size(); ++other)
        total += threads_[other].gradient.segment(start, size);
      if constexpr (weight_penalty::active)
        weight_penalty::add_gradient(parameters(), span(threads_[0].gradient), start, size);
      // 0 x is 0 for numbers and NaN for infinities and NaN.
      own(id).finite = own(id).finite && (total * Scalar(0)).sum() == Scalar(0);
    }
    if constexpr (weight_penalty::active) own(id).weight_penalty = weight_penalty::value(parameters(), first, count);
  }

  /// Of a batch that all threads have done: the loss with what layers and penalties on the code add.
  [[nodiscard]] double loss_of_threads() {
    double loss = 0;
    for (const Thread& thread : threads_) loss += thread.loss + Network::added_loss(thread.measures);
    if constexpr (code_penalties::active) {
      penalties_.finish_mean(0);
      loss += penalties_.value();
    }
    return loss;
  }

  [[nodiscard]] double total_loss() {
    double loss = loss_of_threads();
    std::ranges::fill(means_, 0);
    for (const Thread& thread : threads_)
      for (std::size_t k = 0; k < means_.size(); ++k) means_[k] += thread.measures[k];
    if constexpr (weight_penalty::active)
      for (const Thread& thread : threads_) loss += thread.weight_penalty;
    return loss;
  }

  void update(int id, double rate) {
    const auto [first, count] = slice(id);
    const auto part = [first = static_cast<std::size_t>(first), count = static_cast<std::size_t>(count)](auto all) {
      return all.subspan(first, count);
    };
    std::array<std::span<Scalar>, static_cast<std::size_t>(Optimizer::slots)> state;
    for (std::size_t slot = 0; slot < state.size(); ++slot)
      state[slot] = part(span(state_).subspan(slot * static_cast<std::size_t>(Network::parameter_count)));
    optimizer_.template update<Scalar>(part(model_.parameters()),
                                       part(std::span<const Scalar>(span(threads_[0].gradient))), state, rate, steps_);
  }

  /// What went wrong, after a step whose loss or gradient was not finite.
  [[nodiscard]] std::string diagnose(const Batch& batch, Index epoch, double loss) {
    const auto layers = Model::layers();
    const std::string where = training::first_infinite_layer<Network>(
        layers, Model::tensors(), span(threads_[0].gradient), [&](const auto& look) {
          for (int id = 0; id < workers_.size(); ++id)
            for_each_pass(id, batch, [&](const Pass& pass) {
              forward<Network::count>(own(id), batch, pass);
              look(own(id).workspace);
            });
        });
    return training::divergence_message(epoch, steps_, loss, where);
  }

  Model& model_;
  Loss loss_;
  Optimizer optimizer_;
  training::Clipping clipping_;
  Seed seed_;
  Workers workers_;
  std::deque<Thread> threads_;
  code_penalties penalties_;
  Array panels_;
  Array state_;
  /// What the layers measured, averaged over the last step's batch; and the names of what is told of that.
  std::vector<double> means_ = std::vector<double>(Network::measure_count);
  std::vector<std::string> metric_names_;
  Index steps_ = 0;
  double learning_rate_factor_ = 1;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
