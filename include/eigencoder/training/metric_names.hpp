#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// Adds a metric's name to those of a training; where it is taken, as name_2, name_3 and so on.
inline void add_distinct(std::vector<std::string>& names, std::string_view name) {
  std::string distinct(name);
  for (int number = 2; std::ranges::find(names, distinct) != names.end(); ++number)
    distinct = std::string(name) + "_" + std::to_string(number);
  names.push_back(std::move(distinct));
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
