#pragma once

#include <deque>
#include <eigencoder/core/workers.hpp>
#include <eigencoder/models/layer_info.hpp>
#include <eigencoder/models/losses.hpp>
#include <eigencoder/training/clipping.hpp>
#include <eigencoder/training/divergence.hpp>

namespace eigencoder {

/// Takes training steps: what `fit` repeats, for those who write their own loop.
///
/// A step shares its batch out among the threads in micro-batches of `Network::Pack::lanes` samples. Each goes depth-first
/// through the whole network, forward and backward, while it is in the core's cache; each thread sums its own gradient.
/// Then every thread adds up and updates its slice of the parameters. Nothing is allocated after construction.
template <class Model, class Loss, class Optimizer>
class Trainer {
  using Chosen = models::LossNetwork<typename Model::Network, Loss>;

 public:
  using Network = typename Chosen::type;
  using Scalar = typename Network::Scalar;
  using Pack = typename Network::Pack;

  /// Trains `model`, which must outlive the trainer, from its present parameters. threads 0: all cores.
  /// Throws std::invalid_argument for a hyper-parameter out of its range.
  Trainer(Model& model, Loss loss, Optimizer optimizer, Seed seed = {}, int threads = 0)
      : model_(model),
        loss_(loss),
        optimizer_(optimizer),
        clipping_(optimizer, tensor_sizes()),
        seed_(seed),
        workers_(threads),
        threads_(static_cast<std::size_t>(workers_.size())),
        panels_(Network::panel_size),
        state_(Array::Zero(Optimizer::slots * Network::parameter_count)) {
    optimizer_.check();
    Network::pack(parameters(), panels_.data());
  }

  /// One step on these samples of the data; their mean loss before it.
  ///
  /// Throws std::runtime_error that names epoch, step and layer if the loss or the gradient is not finite; the parameters
  /// are then as before the step.
  double step(const Dataset& data, std::span<const Index> samples, Index epoch = 0) {
    ++steps_;
    const double rate = optimizer_.learning_rate.rate(steps_);
    double loss = 0;
    bool finite = false;
    workers_.run([&](int id) {
      accumulate(id, data, samples, epoch);
      workers_.barrier();
      reduce(id);
      workers_.barrier();
      if (id == 0) {
        for (const Thread& thread : threads_) loss += thread.loss;
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
    if (!finite) throw std::runtime_error(diagnose(data, samples, epoch, loss));
    return loss;
  }

  /// The mean loss over the data, without training.
  [[nodiscard]] double evaluate(const Dataset& data) {
    models::require_features(data, Network::input, "evaluate");
    const Index micro_batches = (data.size() + Pack::lanes - 1) / Pack::lanes;
    workers_.run([&](int id) {
      Thread& thread = threads_[static_cast<std::size_t>(id)];
      thread.loss = 0;
      for (Index m = id; m < micro_batches; m += workers_.size()) {
        const models::MicroBatch<Pack> batch(m * Pack::lanes, data.size());
        forward(thread, data, batch.samples(), {.samples = batch.samples()});
        const Pack weight = weights(batch.size(), 1 / static_cast<double>(data.size()));
        const NoSink<Pack, Network::template gradient_layout<Network::count>> nowhere;
        thread.loss += add_loss(thread, weight, nowhere);
      }
    });
    double loss = 0;
    for (const Thread& thread : threads_) loss += thread.loss;
    return loss;
  }

  /// Steps taken so far.
  [[nodiscard]] Index steps() const { return steps_; }
  [[nodiscard]] int threads() const { return workers_.size(); }

 private:
  using Array = typename Network::Array;
  using Workspace = typename Network::Workspace;

  struct Thread {
    Workspace workspace;
    Array gradient = Array::Zero(Network::parameter_count);
    Array gradient_panels = Array::Zero(Network::gradient_panel_size);
    double loss = 0;
    bool finite = true;
  };

  [[nodiscard]] static std::vector<Index> tensor_sizes() {
    std::vector<Index> sizes;
    for (const NamedTensor& tensor : Model::tensors()) sizes.push_back(tensor.size());
    return sizes;
  }

  [[nodiscard]] std::span<const Scalar> parameters() const { return std::as_const(model_).parameters(); }
  [[nodiscard]] static std::span<Scalar> span(Array& array) {
    return {array.data(), static_cast<std::size_t>(array.size())};
  }

  /// The values that thread `id` reduces and updates: whole cache lines, so that no two threads write the same.
  [[nodiscard]] std::pair<Index, Index> slice(int id) const {
    const auto bound = [&](Index k) {
      const Index even = Network::parameter_count * k / workers_.size();
      return std::min(Network::whole_lines(even), Network::parameter_count);
    };
    return {bound(id), bound(id + 1) - bound(id)};
  }

  /// `weight` for the lanes that hold a sample, 0 for the others.
  [[nodiscard]] static Pack weights(Index samples, double weight) {
    alignas(simd::alignment) Scalar values[static_cast<std::size_t>(Pack::lanes)] = {};
    std::fill_n(values, samples, static_cast<Scalar>(weight));
    return Pack::load(values);
  }

  void forward(Thread& thread, const Dataset& data, std::span<const Index> samples, const Context& context) {
    data.visit([&](const auto& read) {
      kernels::load_lanes(read, samples, thread.workspace.template activation<0>());
    });
    Network::forward(parameters(), panels_.data(), thread.workspace, context);
  }

  /// The weighted sum of the lanes' losses; their gradient goes into dy.
  template <class DY>
  double add_loss(Thread& thread, Pack weight, DY dy) const {
    using Input = FeatureMap<const Pack, Network::template activation_layout<0>>;
    using Output = FeatureMap<const Pack, Network::template activation_layout<Network::count>>;
    const Pack each = loss_.template evaluate<Chosen::logits>(
        Output(thread.workspace.template activation<Network::count>()), Input(thread.workspace.template activation<0>()),
        weight, dy);
    return static_cast<double>(sum(each * weight));
  }

  /// This thread's share of the batch, forward and backward.
  void accumulate(int id, const Dataset& data, std::span<const Index> samples, Index epoch) {
    Thread& thread = threads_[static_cast<std::size_t>(id)];
    thread.gradient.setZero();
    thread.gradient_panels.setZero();
    thread.loss = 0;
    constexpr auto lanes = static_cast<std::size_t>(Pack::lanes);
    for (std::size_t first = static_cast<std::size_t>(id) * lanes; first < samples.size();
         first += static_cast<std::size_t>(workers_.size()) * lanes) {
      const auto own = samples.subspan(first, std::min(lanes, samples.size() - first));
      const Context context{.training = true, .seed = seed_, .epoch = static_cast<std::uint64_t>(epoch), .samples = own};
      forward(thread, data, own, context);
      const Pack weight = weights(static_cast<Index>(own.size()), 1 / static_cast<double>(samples.size()));
      thread.loss += add_loss(thread, weight, Network::output_gradient(thread.workspace));
      Network::backward(parameters(), panels_.data(), thread.workspace, context, span(thread.gradient),
                        thread.gradient_panels.data());
    }
    Network::unpack(thread.gradient_panels.data(), span(thread.gradient));
  }

  /// Adds up all threads' gradients of this thread's slice, into the first one's.
  void reduce(int id) {
    const auto [first, count] = slice(id);
    auto total = threads_[0].gradient.segment(first, count);
    for (std::size_t other = 1; other < threads_.size(); ++other)
      total += threads_[other].gradient.segment(first, count);
    // 0 x is 0 for numbers and NaN for infinities and NaN.
    threads_[static_cast<std::size_t>(id)].finite = (total * Scalar(0)).sum() == Scalar(0);
  }

  void update(int id, double rate) {
    const auto [first, count] = slice(id);
    const auto part = [first = static_cast<std::size_t>(first), count = static_cast<std::size_t>(count)](auto all) {
      return all.subspan(first, count);
    };
    std::array<std::span<Scalar>, static_cast<std::size_t>(Optimizer::slots)> state;
    for (std::size_t slot = 0; slot < state.size(); ++slot)
      state[slot] = part(span(state_).subspan(slot * static_cast<std::size_t>(Network::parameter_count)));
    optimizer_.template update<Scalar>(part(model_.parameters()), part(std::span<const Scalar>(span(threads_[0].gradient))),
                                       state, rate, steps_);
  }

  /// What went wrong, after a step whose loss or gradient was not finite.
  [[nodiscard]] std::string diagnose(const Dataset& data, std::span<const Index> samples, Index epoch, double loss) {
    const std::string where = training::first_infinite_layer<Network>(
        Model::layers(), Model::tensors(), span(threads_[0].gradient), [&](auto&& look) {
          for (std::size_t first = 0; first < samples.size(); first += static_cast<std::size_t>(Pack::lanes)) {
            const auto own = samples.subspan(first, std::min<std::size_t>(Pack::lanes, samples.size() - first));
            forward(threads_[0], data, own, {.training = true, .seed = seed_, .epoch = static_cast<std::uint64_t>(epoch), .samples = own});
            look(threads_[0].workspace);
          }
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
  Array panels_;
  Array state_;
  Index steps_ = 0;
};

}  // namespace eigencoder
