#pragma once

#include <cmath>
#include <eigencoder/core/scheduled.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What the divergence in a variational autoencoder's loss counts for: a number, or a schedule, which is any function
/// of the iteration: `EvidenceLowerBound<>{.beta = 4}`, `EvidenceLowerBound<>{.beta = LinearWarmUp{.steps = 5000}}`.
/// Source: Higgins et al., "beta-VAE", 2017.
class Beta : public Scheduled {
 public:
  using Scheduled::Scheduled;
};

/// In a line from `from` to `to` in the first `steps` iterations, then `to`.
/// Source: Bowman et al., "Generating sentences from a continuous space", 2016.
struct LinearWarmUp {
  Index steps = 0;
  double from = 0;
  double to = 1;

  void check() const {
    if (steps < 1) throw std::invalid_argument("LinearWarmUp: steps must be at least 1");
    if (!(from >= 0 && to >= 0)) throw std::invalid_argument("LinearWarmUp: from and to must be numbers >= 0");
  }
  [[nodiscard]] double operator()(Index i) const {
    return i >= steps ? to : from + (to - from) * static_cast<double>(i) / static_cast<double>(steps);
  }
};

/// `cycles` times, each of `steps` iterations: from 0 to `to` in a line during the first `rising` of the cycle, then
/// `to`; and so for good after the last. Source: Fu et al., "Cyclical annealing schedule", 2019.
struct CyclicalWarmUp {
  Index steps = 0;
  int cycles = 4;
  double rising = 0.5;
  double to = 1;

  void check() const {
    if (steps < 1) throw std::invalid_argument("CyclicalWarmUp: steps must be at least 1");
    if (cycles < 1) throw std::invalid_argument("CyclicalWarmUp: cycles must be at least 1");
    if (!(rising > 0 && rising <= 1)) throw std::invalid_argument("CyclicalWarmUp: rising must be in (0, 1]");
    if (!(to >= 0)) throw std::invalid_argument("CyclicalWarmUp: to must be a number >= 0");
  }
  [[nodiscard]] double operator()(Index i) const {
    if (i >= steps * cycles) return to;
    const double done = static_cast<double>(i % steps) / static_cast<double>(steps);
    return to * std::min(done / rising, 1.0);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
