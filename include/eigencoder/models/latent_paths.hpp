#pragma once

#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Paths through a model's codes, a code a row, to be decoded: `model.decode(spherical_path(a, b, 10))`.
///
/// All throw std::invalid_argument if there are fewer than two steps, or no such codes.

namespace models {

inline void require_steps(const char* where, Index steps) {
  if (steps < 2)
    throw std::invalid_argument(std::string(where) + ": " + std::to_string(steps) + " steps; expected at least 2");
}

template <class A, class B>
void require_same_size(const char* where, const A& a, const B& b) {
  if (a.size() != b.size())
    throw std::invalid_argument(std::string(where) + ": codes of " + std::to_string(a.size()) + " and " +
                                std::to_string(b.size()) + " values; expected as many of both");
}

}  // namespace models

/// The points a + (b - a) t, t = 0 ... 1, on the line from a to b, both included.
template <class A, class B>
[[nodiscard]] Matrix<typename A::Scalar> linear_path(const Eigen::DenseBase<A>& a, const Eigen::DenseBase<B>& b,
                                                     Index steps) {
  using Scalar = typename A::Scalar;
  models::require_steps("linear_path", steps);
  models::require_same_size("linear_path", a, b);
  Matrix<Scalar> codes(steps, a.size());
  for (Index s = 0; s < steps; ++s)
    for (Index u = 0; u < a.size(); ++u) {
      const Scalar from = a.derived()(u);
      const Scalar to = b.derived()(u);
      codes(s, u) = from + (to - from) * static_cast<Scalar>(s) / static_cast<Scalar>(steps - 1);
    }
  return codes;
}

/// The points on the arc from a to b, both included: with w the angle between them,
///
///   |c| (sin((1 - t) w) a / |a| + sin(t w) b / |b|) / sin w,   |c| = |a| + (|b| - |a|) t,   t = 0 ... 1.
///
/// Draws of a normal distribution of n dimensions have a length near sqrt(n); the line between two of them comes nearer
/// to 0 than any, where a decoder has seen little, while the arc keeps the length.
/// Throws std::invalid_argument, too, for a code of zeros, and for opposite ones, between which no arc is the shortest.
/// Source: Shoemake, "Animating rotation with quaternion curves", 1985; White, "Sampling generative networks", 2016.
template <class A, class B>
[[nodiscard]] Matrix<typename A::Scalar> spherical_path(const Eigen::DenseBase<A>& a, const Eigen::DenseBase<B>& b,
                                                        Index steps) {
  models::require_steps("spherical_path", steps);
  models::require_same_size("spherical_path", a, b);
  Eigen::RowVectorXd from(a.size()), to(a.size());
  for (Index u = 0; u < a.size(); ++u) {
    from[u] = static_cast<double>(a.derived()(u));
    to[u] = static_cast<double>(b.derived()(u));
  }
  const double from_length = from.norm(), to_length = to.norm();
  if (!(from_length > 0) || !(to_length > 0))
    throw std::invalid_argument("spherical_path: a code of zeros has no direction");
  from /= from_length;
  to /= to_length;
  // Better than the arc cosine where the angle is small. Source: Kahan, "How futile are mindless assessments of
  // roundoff in floating-point computation?", 2006.
  const double angle = 2 * std::atan2((from - to).norm(), (from + to).norm());
  const double sine = std::sin(angle);
  constexpr double tiny = 1e-9;
  if (angle > 1 && sine < tiny) throw std::invalid_argument("spherical_path: the codes are opposite to each other");
  Matrix<double> codes(steps, a.size());
  for (Index s = 0; s < steps; ++s) {
    const double t = static_cast<double>(s) / static_cast<double>(steps - 1);
    const double first = sine < tiny ? 1 - t : std::sin((1 - t) * angle) / sine;
    const double second = sine < tiny ? t : std::sin(t * angle) / sine;
    codes.row(s) = (from_length + (to_length - from_length) * t) * (first * from + second * to);
  }
  Matrix<typename A::Scalar> result = codes.template cast<typename A::Scalar>();
  for (Index u = 0; u < a.size(); ++u) {  // the ends as they were, without rounding
    result(0, u) = a.derived()(u);
    result(steps - 1, u) = static_cast<typename A::Scalar>(b.derived()(u));
  }
  return result;
}

/// The code with one unit at `steps` values from `from` to `to`. Throws std::invalid_argument if there is no such unit.
template <class Code>
[[nodiscard]] Matrix<typename Code::Scalar> unit_path(const Eigen::DenseBase<Code>& code, Index unit,
                                                      typename Code::Scalar from, typename Code::Scalar to,
                                                      Index steps) {
  if (unit < 0 || unit >= code.size())
    throw std::invalid_argument("unit_path: unit " + std::to_string(unit) + "; expected 0 to " +
                                std::to_string(code.size() - 1));
  Eigen::RowVector<typename Code::Scalar, Eigen::Dynamic> first(code.size());
  for (Index u = 0; u < code.size(); ++u) first[u] = code.derived()(u);
  Eigen::RowVector<typename Code::Scalar, Eigen::Dynamic> last = first;
  first[unit] = from;
  last[unit] = to;
  return linear_path(first, last, steps);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
