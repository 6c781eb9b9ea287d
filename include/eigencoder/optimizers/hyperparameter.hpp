#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/learning_rate.hpp>
#include <limits>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// Throws std::invalid_argument, "Adam: beta_1 is 1.5, but must be in [0, 1)", unless the condition holds. Conditions
/// are written so that a NaN fails them.
inline void require(bool condition, std::string_view owner, std::string_view field, double value,
                    std::string_view expected) {
  if (condition) return;
  std::ostringstream message;
  message << owner << ": " << field << " is " << value << ", but must be " << expected;
  throw std::invalid_argument(message.str());
}

inline void require_positive(std::string_view owner, std::string_view field, double value) {
  require(value > 0 && value < std::numeric_limits<double>::infinity(), owner, field, value,
          "a positive, finite number");
}

/// For the rates of moving averages.
inline void require_fraction(std::string_view owner, std::string_view field, double value) {
  require(value >= 0 && value < 1, owner, field, value, "in [0, 1)");
}

/// The fields that all optimisers have: learning_rate, clipnorm, clipvalue, global_clipnorm.
template <class Optimizer>
void check_common(const Optimizer& optimizer) {
  const auto name = Optimizer::name;
  if (optimizer.learning_rate.is_constant()) require_positive(name, "learning_rate", optimizer.learning_rate.rate(1));
  if (optimizer.clipnorm) require_positive(name, "clipnorm", *optimizer.clipnorm);
  if (optimizer.clipvalue) require_positive(name, "clipvalue", *optimizer.clipvalue);
  if (optimizer.global_clipnorm) require_positive(name, "global_clipnorm", *optimizer.global_clipnorm);
  if (optimizer.clipnorm.has_value() + optimizer.clipvalue.has_value() + optimizer.global_clipnorm.has_value() > 1)
    throw std::invalid_argument(std::string(name) +
                                ": at most one of clipnorm, clipvalue and global_clipnorm may be given");
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
