#pragma once

#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/first_outside.hpp>
#include <eigencoder/losses/loss.hpp>
#include <stdexcept>
#include <string>

/// What data and losses must be for a result that means something: else it would be a number that lies.
namespace eigencoder::inline EIGENCODER_TARGET::models {

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

}  // namespace eigencoder::inline EIGENCODER_TARGET::models
