#pragma once

namespace eigencoder {

/// Option: whether a layer adds a bias; `use_bias(false)` leaves it out.
struct UseBias {
  bool value = true;

  constexpr UseBias operator()(bool use) const { return {use}; }
};

inline constexpr UseBias use_bias{};

}  // namespace eigencoder
