#pragma once

#include <cstdio>
#include <eigencoder/core/target.hpp>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What a training may suffer from. See `diagnose`, where each is found.
enum class Sickness {
  not_finite,
  out_of_reach,
  unequal_scales,
  dead_units,
  saturated_units,
  unused_code,
  collapse_to_mean,
  worse_than_pca,
  over_fitting,
  learning_rate_too_high,
  learning_rate_too_low,
};

/// What was found: a sentence with its number, and one of what to try.
struct Finding {
  Sickness sickness;
  double number = 0;  ///< the one in the sentence
  std::string what;
  std::string advice;
};

namespace inspect {

/// A number as one reads it: four digits.
[[nodiscard]] inline std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// "0, 3, 17 and 9 more"
template <class Numbers>
[[nodiscard]] std::string some_of(const Numbers& numbers) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t k = 0; k < numbers.size() && k < most; ++k)
    text.append(k > 0 ? ", " : "").append(std::to_string(numbers[k]));
  if (numbers.size() > most) text.append(" and ").append(std::to_string(numbers.size() - most)).append(" more");
  return text;
}

}  // namespace inspect

}  // namespace eigencoder::inline EIGENCODER_TARGET
