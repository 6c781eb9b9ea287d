#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <eigencoder/training/trainer.hpp>
#include <numeric>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct RangeTestOptions {
  double from = 1e-6;  ///< the first step's learning rate
  double to = 1;       ///< and the last one's, if the loss bears it
  Index steps = 100;
  Index batch_size = 32;
  Seed seed{};
  Index threads = 0;
};

/// What a learning-rate range test saw.
struct RangeTest {
  std::vector<double> rate;  ///< of each step
  std::vector<double> loss;  ///< before it, smoothed
  double suggested = 0;      ///< a tenth of the rate at which the loss was least
};

/// Takes steps with a learning rate that grows by a constant factor, on a copy of the model, until the loss is four
/// times the least so far or not finite: a rate is good as long as the loss falls with it. The losses are smoothed as
/// Adam smooths: l_k = (0.9 m_{k-1} + 0.1 loss_k) / (1 - 0.9^k) with the running mean m.
/// Throws std::invalid_argument for options out of range, and what a training step does.
/// Source: Smith, "Cyclical learning rates for training neural networks", 2017.
template <class Model, class Loss, class Optimizer>
[[nodiscard]] RangeTest learning_rate_range_test(const Model& model, const Dataset& data, Loss loss,
                                                 Optimizer optimizer, const RangeTestOptions& options = {}) {
  const auto require = [](bool good, const char* message) {
    if (!good) throw std::invalid_argument(std::string("learning_rate_range_test: ") + message);
  };
  require(options.from > 0 && options.from < options.to && std::isfinite(options.to),
          "expected 0 < from < to, both finite");
  require(options.steps >= 2, "steps must be at least 2");
  require(options.batch_size >= 1 && !data.empty(), "there must be samples, and one of them at least in a batch");

  const double factor = std::pow(options.to / options.from, 1 / static_cast<double>(options.steps - 1));
  const auto rate_of = [=, from = options.from](Index iteration) {
    return from * std::pow(factor, static_cast<double>(iteration));
  };
  optimizer.learning_rate = rate_of;
  Model copy = model;
  Trainer<Model, Loss, Optimizer> trainer(copy, loss, optimizer, options.seed, options.threads);
  Samples samples(data);
  if constexpr (AcceptsMissing<Loss>) samples = samples.with_complete_input();

  std::vector<Index> order(static_cast<std::size_t>(data.size()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto batch_size = static_cast<std::size_t>(std::min(options.batch_size, data.size()));
  RangeTest result;
  double mean = 0, unbiased = 1, least = std::numeric_limits<double>::infinity();
  std::size_t next = order.size();
  Index epoch = 0;
  for (Index step = 0; step < options.steps; ++step) {
    if (next + batch_size > order.size()) {
      Random(options.seed, Stream::shuffle, static_cast<std::uint64_t>(epoch++)).shuffle(order);
      next = 0;
    }
    try {
      const double now = trainer.step(samples, std::span(order).subspan(next, batch_size), epoch - 1);
      mean = 0.9 * mean + 0.1 * now;
    } catch (const DivergenceError&) {
      break;
    }
    next += batch_size;
    unbiased *= 0.9;
    const double smoothed = mean / (1 - unbiased);
    result.rate.push_back(rate_of(step));
    result.loss.push_back(smoothed);
    if (smoothed < least) {
      least = smoothed;
      result.suggested = result.rate.back() / 10;
    }
    if (smoothed > 4 * least) break;
  }
  return result;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
