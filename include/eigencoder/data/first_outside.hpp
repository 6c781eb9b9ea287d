#pragma once

#include <algorithm>
#include <eigencoder/core/range.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <optional>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// One value of a dataset.
struct Place {
  Index sample = 0;
  Index feature = 0;
  double value = 0;
};

/// "of sample 3, feature 7 is 2.5"
[[nodiscard]] inline std::string to_string(const Place& place) {
  std::ostringstream text;
  text << "of sample " << place.sample << ", feature " << place.feature << " is " << place.value;
  return text.str();
}

/// The first value outside of a range by more than the rounding of data that were scaled to it; NaN is outside, unless
/// values may be missing. One pass; none over bytes where the range has all of [0, 1].
[[nodiscard]] inline std::optional<Place> first_outside(const Dataset& data, const Range& range,
                                                        bool accepts_missing = false) {
  constexpr double rounding = 1e-6;
  const double low = range.low - rounding, high = range.high + rounding;
  const auto is_outside = [=](double value) {
    return !(value >= low && value <= high) && !(accepts_missing && value != value);
  };
  return data.visit([&]<class Stored>(const SampleReader<Stored>& read) -> std::optional<Place> {
    using Value = std::conditional_t<std::is_floating_point_v<Stored>, Stored, float>;
    if (!std::is_floating_point_v<Stored> && range.contains(Range{0, 1})) return std::nullopt;
    std::vector<Value> values(static_cast<std::size_t>(data.features()));
    for (Index sample = 0; sample < data.size(); ++sample) {
      read(sample, 0, data.features(), values.data());
      int outside = 0;  // summed up, not left early: so the loop is vectorised
      for (const Value value : values) outside += static_cast<int>(is_outside(static_cast<double>(value)));
      if (outside == 0) continue;
      const auto found = std::ranges::find_if(values, [&](Value v) { return is_outside(static_cast<double>(v)); });
      return Place{sample, found - values.begin(), static_cast<double>(*found)};
    }
    return std::nullopt;
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
