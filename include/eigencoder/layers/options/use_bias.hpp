#pragma once

#include <eigencoder/core/target.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Option: whether a layer adds a bias; `use_bias(false)` leaves it out.
struct UseBias {
  bool value = true;

  constexpr UseBias operator()(bool use) const { return {use}; }
};

inline constexpr UseBias use_bias{};

}  // namespace eigencoder::inline EIGENCODER_TARGET
