#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/training/history.hpp>
#include <eigencoder/training/snapshot.hpp>
#include <eigencoder/training/step_result.hpp>
#include <functional>
#include <map>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// Where a training is, and the sums over the samples of its present epoch.
struct Position {
  Index epoch = 0;
  /// Of the epoch's samples.
  Index done = 0;
  /// Of the losses.
  double loss = 0;
  std::map<std::string, double, std::less<>> metrics{};
  /// Spent in this epoch.
  double seconds = 0;
  /// A callback ended the training.
  bool stopped = false;

  /// A batch's means, over so many samples.
  void add(const StepResult& step, Index samples) {
    const auto count = static_cast<double>(samples);
    done += samples;
    loss += step.loss * count;
    for (const Metric& metric : step.metrics) {
      const auto found = metrics.find(metric.name);
      if (found != metrics.end()) {
        found->second += metric.value * count;
      } else {
        metrics.emplace(metric.name, metric.value * count);
      }
    }
  }

  /// Tells the history the epoch's means, and goes to the next one.
  void finish_epoch(double learning_rate, History& history) {
    const auto samples = static_cast<double>(done);
    history.loss.push_back(loss / samples);
    history.seconds.push_back(seconds);
    history.samples_per_second.push_back(samples / seconds);
    history.learning_rate.push_back(learning_rate);
    for (auto& [name, sum] : metrics) {
      history.metrics[name].push_back(sum / samples);
      sum = 0;
    }
    ++epoch;
    done = 0;
    loss = 0;
    seconds = 0;
  }
};

/// A position or a history, by `Storing` or `Recalling`.
template <class Archive, class P>
  requires std::same_as<std::remove_const_t<P>, Position>
void archive(Archive& archive, P& position) {
  archive("training.epoch", position.epoch);
  archive("training.done", position.done);
  archive("training.loss", position.loss);
  archive("training.metrics.", position.metrics);
  archive("training.seconds", position.seconds);
  archive("training.stopped", position.stopped);
}
template <class Archive, class H>
  requires std::same_as<std::remove_const_t<H>, History>
void archive(Archive& archive, H& history) {
  archive("history.loss", history.loss);
  archive("history.validation_loss", history.validation_loss);
  archive("history.seconds", history.seconds);
  archive("history.samples_per_second", history.samples_per_second);
  archive("history.learning_rate", history.learning_rate);
  archive("history.metrics.", history.metrics);
}

/// Throws std::invalid_argument unless the position, the history and the number of steps can be those of one training.
inline void require_consistent(const Position& position, const History& history, Index steps, Index samples,
                               Index batch_size) {
  const auto epochs = static_cast<std::size_t>(position.epoch);
  bool good = position.done <= samples && (position.done == samples || position.done % batch_size == 0);
  const auto batches = [&](Index count) { return (count + batch_size - 1) / batch_size; };
  good = good && batches(samples) <= (Index{1} << 53) / (position.epoch + 1) &&
         steps == position.epoch * batches(samples) + batches(position.done);
  for (const auto* entries : {&history.loss, &history.seconds, &history.samples_per_second, &history.learning_rate})
    good = good && entries->size() == epochs;
  good = good && (history.validation_loss.empty() || history.validation_loss.size() == epochs);
  for (const auto& [name, entries] : history.metrics) good = good && entries.size() == epochs;
  if (!good) throw std::invalid_argument("its history, epoch and step do not fit each other");
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
