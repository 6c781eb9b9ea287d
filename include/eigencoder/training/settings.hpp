#pragma once

#include <eigencoder/core/hash.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/fit_options.hpp>
#include <eigencoder/training/samples.hpp>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

/// What two trainings must have in common for one to go on from a checkpoint of the other, as names and values to be
/// compared and shown. Functions, such as a noise, stand there as the hash of what they do.
namespace eigencoder::inline EIGENCODER_TARGET::training {

/// How many samples and the hash of their shape, values and labels; of generated ones, which may take long to make, the
/// values of the first and the last.
[[gnu::cold]] inline std::string fingerprint(const Dataset& data) {
  if (data.empty()) return "none";
  Hash hash;
  hash.add(to_string(data.shape()));
  data.visit([&]<class Stored>(const SampleReader<Stored>& reader) {
    std::vector<std::conditional_t<std::is_same_v<Stored, double>, double, float>> values(
        static_cast<std::size_t>(data.features()));
    const auto add = [&](const SampleReader<Stored>& read, Index sample) {
      read(sample, 0, data.features(), values.data());
      hash.add(std::span(std::as_const(values)));
      return false;
    };
    if constexpr (std::is_same_v<Stored, Generated>) {
      for (const Index sample : {Index{0}, data.size() - 1}) add(reader, sample);
    } else {
      data.scan(reader, add);
    }
  });
  hash.add(data.labels());
  return std::to_string(data.size()) + " samples, hash " + hash.text();
}

/// What the noise makes of a grey sample.
[[gnu::cold]] inline std::string fingerprint(const Corruption& noise, Index features, Seed seed) {
  if (!noise) return "none";
  std::vector<float> values(static_cast<std::size_t>(features), 0.5f);
  noise.apply(std::span<float>(values), 0, 0, Philox(seed, Stream::corruption, 0));
  Hash hash;
  hash.add(std::span<const float>(values));
  return "hash " + hash.text();
}

/// What the augmentation makes of a slope of greys.
[[gnu::cold]] inline std::string fingerprint(const Augmentation& augmentation, const Shape& shape, Seed seed) {
  if (!augmentation) return "none";
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k) / static_cast<float>(values.size());
  Random random(seed, Stream::augmentation);
  augmentation.apply(std::span<float>(values), shape, random);
  Hash hash;
  hash.add(std::span<const float>(values));
  return "hash " + hash.text();
}

/// The hash of what two of an optimiser's steps do, whatever fields it has, and its clipping.
template <class Scalar, class Optimizer>
[[gnu::cold]] std::string hyperparameters(const Optimizer& optimizer) {
  constexpr std::size_t count = 8;
  constexpr auto slots = static_cast<std::size_t>(Optimizer::slots);
  std::vector<Scalar> parameters(count, Scalar(1)), gradient(count), memory(slots * count, Scalar(0));
  for (std::size_t i = 0; i < count; ++i) gradient[i] = static_cast<Scalar>(i) / count - Scalar(0.4);
  std::array<std::span<Scalar>, slots> state;
  for (std::size_t slot = 0; slot < slots; ++slot) state[slot] = std::span(memory).subspan(slot * count, count);
  for (const Index step : {1, 2})
    optimizer.template update<Scalar>(parameters, std::span<const Scalar>(gradient), state, 0.01, step);
  Hash hash;
  hash.add(std::span<const Scalar>(parameters));
  hash.add(std::span<const Scalar>(memory));
  std::ostringstream text;
  text << "hash " << hash.text();
  const auto clipping = [&](const char* name, const std::optional<double>& limit) {
    if (limit) text << ", " << name << " " << *limit;
  };
  if constexpr (requires { optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm; }) {
    clipping("clipnorm", optimizer.clipnorm);
    clipping("clipvalue", optimizer.clipvalue);
    clipping("global_clipnorm", optimizer.global_clipnorm);
  }
  return text.str();
}

/// The options and the data; without those that depend on the model's type.
[[gnu::cold]] inline std::map<std::string, std::string> settings(const Samples& training, const Samples& validation,
                                                                 const FitOptions& options) {
  Hash weights;
  weights.add(std::span<const double>(training.weights.data(), static_cast<std::size_t>(training.weights.size())));
  return {{"seed", std::to_string(options.seed.value)},
          {"shuffle", options.shuffle ? "true" : "false"},
          {"data", fingerprint(training.input)},
          {"targets", fingerprint(training.target)},
          {"sample_weights", training.weights.size() == 0 ? "none" : "hash " + weights.text()},
          {"validation data", fingerprint(validation.input)},
          {"validation targets", fingerprint(validation.target)},
          {"corruption", fingerprint(training.corruption, training.input.features(), options.seed)},
          {"augmentation", fingerprint(training.augmentation, training.input.shape(), options.seed)}};
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
