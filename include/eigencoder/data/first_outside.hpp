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
  std::optional<Place> found;
  std::vector<double> values;
  data.scan([&]<class Stored>(const SampleReader<Stored>& read, Index sample) {
    if (!std::is_floating_point_v<Stored> && range.contains(Range{0, 1})) return true;
    values.resize(static_cast<std::size_t>(data.features()));
    read(sample, 0, data.features(), values.data());
    int outside = 0;  // summed up, not left early: so the loop is vectorised
    for (const double value : values) outside += static_cast<int>(is_outside(value));
    if (outside == 0) return false;
    const auto at = std::ranges::find_if(values, is_outside);
    found = Place{sample, at - values.begin(), *at};
    return true;
  });
  return found;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
