#pragma once

#include <algorithm>
#include <deque>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct LbfgsOptions {
  int max_iterations = 200;
  /// Ends where no component of the gradient is larger.
  double tolerance = 1e-4;
  /// Steps that are remembered.
  std::size_t memory = 10;
};

/// A minimum of a smooth function, f(x, gradient) -> value, from x on, by the limited-memory method of Broyden,
/// Fletcher, Goldfarb and Shanno: with the last steps s = x' - x and their changes of the gradient y = g' - g it goes
/// along -H g, where H takes y to s, as the inverse of the second derivative does; half as far again and again until
/// the value falls by a ten-thousandth of what the slope promises.
/// Source: Nocedal, Wright, "Numerical optimization", 2006, algorithms 7.4, 7.5 and 3.1.
template <class Function>
[[nodiscard]] Eigen::VectorXd minimize_lbfgs(const Function& f, Eigen::VectorXd x, const LbfgsOptions& options = {}) {
  struct Step {
    Eigen::VectorXd s, y;
  };
  std::deque<Step> steps;
  Eigen::VectorXd g(x.size()), next_g(x.size());
  double value = f(x, g);
  for (int iteration = 0; iteration < options.max_iterations && g.cwiseAbs().maxCoeff() > options.tolerance;
       ++iteration) {
    Eigen::VectorXd direction = -g;
    std::vector<double> weights;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      weights.push_back(step->s.dot(direction) / step->s.dot(step->y));
      direction -= weights.back() * step->y;
    }
    if (!steps.empty()) direction *= steps.back().s.dot(steps.back().y) / steps.back().y.squaredNorm();
    for (const Step& step : steps) {
      direction += (weights.back() - step.y.dot(direction) / step.s.dot(step.y)) * step.s;
      weights.pop_back();
    }

    const double slope = g.dot(direction);
    double length = steps.empty() ? 1 / std::max(1.0, g.norm()) : 1, next = 0;
    Eigen::VectorXd moved;
    for (int halvings = 0;; ++halvings, length /= 2) {
      moved = x + length * direction;
      next = f(moved, next_g);
      if (next <= value + 1e-4 * length * slope) break;
      if (halvings == 40) return x;  // as low as rounding lets it come
    }
    Step step{moved - x, next_g - g};
    // Else the function is not convex along the step, and tells nothing of a minimum's curvature.
    if (step.s.dot(step.y) > 1e-12 * step.y.squaredNorm()) steps.push_back(std::move(step));
    if (steps.size() > options.memory) steps.pop_front();
    x = std::move(moved);
    std::swap(g, next_g);
    value = next;
  }
  return x;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
