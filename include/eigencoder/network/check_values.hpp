#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/first_outside.hpp>
#include <eigencoder/losses/loss.hpp>
#include <stdexcept>
#include <string>

/// What data and losses must be for a result that means something: else it would be a number that lies.
namespace eigencoder::inline EIGENCODER_TARGET::network {

/// Throws std::invalid_argument if the samples have another size than the model takes.
inline void require_features(const Dataset& data, Shape expected, const char* where) {
  if (!data.empty() && data.features() != expected.size())
    throw std::invalid_argument(std::string(where) + ": the samples have " + std::to_string(data.features()) +
                                " values, shape " + to_string(data.shape()) + "; expected shape " +
                                to_string(expected) +
                                (data.features() == 1 ? ". A sample is a row: transpose a single column" : ""));
}

/// Whether a sample may be its own target: the output has its shape, or is the numbers of its distribution.
template <class Loss>
constexpr bool is_own_target(const Shape& input, const Shape& output) {
  return input == output || DescribesInput<Loss>;
}

/// Throws std::invalid_argument if the targets have another size than the output; and if there are none, although
/// samples cannot be their own.
template <class Loss>
void require_targets(const Dataset& data, const Dataset& targets, Shape input, Shape output, const char* where) {
  require_features(targets, output, where);
  if (!data.empty() && targets.empty() && !is_own_target<Loss>(input, output))
    throw std::invalid_argument(std::string(where) + ": there are none, but the model makes samples of shape " +
                                to_string(output) + " of those of shape " + to_string(input) +
                                "; give what it should make of each");
}

/// Throws std::invalid_argument unless the samples of these indices are labelled 0 ... classes - 1; a
/// model that takes no labels has 0 classes.
inline void require_labels(int classes, std::span<const int> labels, std::span<const Index> indices) {
  if (classes == 0) return;
  if (labels.empty())
    throw std::invalid_argument("the model takes labels, but the samples have none; expected Dataset::with_labels");
  for (const Index index : indices)
    if (const int label = labels[static_cast<std::size_t>(index)]; label < 0 || label >= classes)
      throw std::invalid_argument("sample " + std::to_string(index) + " has the label " + std::to_string(label) +
                                  "; expected 0 to " + std::to_string(classes - 1));
}
/// The same for all samples.
inline void require_labels(int classes, const Dataset& data) {
  for (Index number = 0; classes > 0 && number < data.size(); ++number)
    require_labels(classes, data.labels(), std::span(&number, 1));
}

/// Throws std::invalid_argument for a target that the loss is not defined for. `what` is how the message calls it.
template <class Loss>
void require_targets(const Dataset& targets, const std::string& what) {
  constexpr Range domain = domain_of<Loss>;
  if constexpr (domain.is_bounded())
    if (const auto place = first_outside(targets, domain, AcceptsMissing<Loss>))
      throw std::invalid_argument(what + " " + to_string(*place) + ", but the loss is defined for targets in " +
                                  to_string(domain) +
                                  " only; scale the data, or take another loss, such as MeanSquaredError{}");
}

/// Throws std::invalid_argument if a sample's loss is NaN, which as a score would be taken for a small one, or infinite
/// because its values are.
template <class Scores>
void require_numbers(const Scores& losses, const Dataset& data, const Dataset& targets = {}) {
  for (Index sample = 0; sample < losses.size(); ++sample) {
    if (std::isfinite(losses[sample])) continue;
    data.check_finite();
    targets.check_finite();
    if (std::isnan(losses[sample]))
      throw std::invalid_argument("the loss of sample " + std::to_string(sample) +
                                  " is not a number: its values, or the model's parameters, are too large");
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
