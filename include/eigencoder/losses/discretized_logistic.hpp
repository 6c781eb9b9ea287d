#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/to_byte.hpp>
#include <eigencoder/maps/sink.hpp>
#include <eigencoder/simd/logistic_interval.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Where 256 grey levels lie on a line: level k is the interval from edge k to edge k + 1, the first and the last of
/// the 257 edges being infinite.
///
/// Levels that are frequent are made wide, so that a single hump, put anywhere and with any scale, fits a picture whose
/// levels are far from equally frequent: with p(k) the share of level k among the pixels that are neither 0 nor
/// missing, level k is length (0.9 p(k) + 0.1 / 255) wide for k > 0, from 0 on. Edges are multiples of 1/4096.
class GreyLevels {
 public:
  static constexpr std::size_t count = 256;
  static constexpr double length = 16;
  /// Edges are whole multiples of 1 / unit.
  static constexpr int unit = 4096;

  /// All levels but 0 equally wide.
  GreyLevels() : GreyLevels(std::array<double, count>{}) {}

  /// Of images with bytes, or with values in [0, 1] that stand for value x 255, rounded.
  /// Throws std::invalid_argument for values that are neither.
  explicit GreyLevels(const Dataset& images) : GreyLevels(counts(images)) {}

  /// Of the inner edges 1 ... 255 as they are stored. Throws std::invalid_argument unless they ascend.
  explicit GreyLevels(const std::array<std::int32_t, count - 1>& edges) : edges_(edges) {
    for (std::size_t k = 1; k < edges_.size(); ++k)
      if (edges_[k] <= edges_[k - 1]) throw std::invalid_argument("GreyLevels: the edges do not ascend");
  }

  /// The inner edges 1 ... 255, in units of 1 / unit.
  [[nodiscard]] const std::array<std::int32_t, count - 1>& edges() const { return edges_; }

  /// The level of a value in [0, 1]; of others, that of the nearest.
  [[nodiscard]] static std::size_t level(float value) { return detail::to_byte(value); }

 private:
  explicit GreyLevels(const std::array<double, count>& counts) {
    double total = 0, place = 0;
    for (std::size_t k = 1; k < count; ++k) total += counts[k];
    for (std::size_t k = 0; k + 1 < count; ++k) {
      if (k > 0) place += 0.1 / 255 + 0.9 * (total > 0 ? counts[k] / total : 1.0 / 255);
      edges_[k] = static_cast<std::int32_t>(std::lround(length * unit * place));
    }
  }

  static std::array<double, count> counts(const Dataset& images) {
    std::array<double, count> counts{};
    std::vector<float> image(static_cast<std::size_t>(images.features()));
    images.visit([&](const auto& read) {
      for (Index sample = 0; sample < images.size(); ++sample) {
        read(sample, 0, images.features(), image.data());
        for (const float value : image) {
          if (!(value >= 0 && value <= 1))
            throw std::invalid_argument("GreyLevels: sample " + std::to_string(sample) + " has the value " +
                                        std::to_string(value) + "; expected values in [0, 1]");
          ++counts[level(value)];
        }
      }
    });
    return counts;
  }

  std::array<std::int32_t, count - 1> edges_{};
};

/// Images of 256 grey levels, each pixel from a logistic distribution of its own, in nats:
///
///   l = -log(f((e(k + 1) - m) / s) - f((e(k) - m) / s)),   f(t) = 1 / (1 + exp(-t)),
///
/// where k is the pixel's level, e its GreyLevels' edges, and the model gives two numbers for each pixel: all m, then
/// all r = log s, clamped to [-limit, limit]. The loss of a sample is the sum over its pixels divided by the number
/// of the *model's outputs*, so that EvidenceLowerBound<DiscretizedLogistic> is a bound of -log p(image). With the
/// LogisticInterval's parts dm = (upper - lower) / s, dr = a upper - b lower + w width.
/// Sources: Kingma et al., "Improving variational inference with inverse autoregressive flow", 2016, for the logistic;
/// McCullagh, "Regression models for ordinal data", 1980, for edges that are not equidistant.
struct DiscretizedLogistic {
  GreyLevels levels{};

  static constexpr std::string_view name = "discretized_logistic";
  static constexpr bool from_logits_of_sigmoid = false;
  static constexpr bool describes_input = true;
  static constexpr double limit = 7;

  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    using Scalar = typename Pack::Scalar;
    constexpr Index pixels = Y.shape.size() / 2;
    // A trainer has room for targets of the output's shape, too; of such a one the first half would count.
    static_assert(Y.shape.is_flat() && 2 * pixels == Y.shape.size() && (T.shape.size() == pixels || T.shape == Y.shape),
                  "DiscretizedLogistic: the model must give two numbers for each pixel, Dense<2 * pixels>");
    const Pack share = Scalar(1) / static_cast<Scalar>(2 * pixels), scale = weight * share;
    const Pack most(static_cast<Scalar>(limit));
    Pack total(0);
    for (Index k = 0; k < pixels; ++k) {
      const auto [low, high] = interval(target[k]);
      const Pack raw = y[pixels + k], log_scale = max(min(raw, most), -most);
      const Pack inverse = exp(-log_scale), a = (high - y[k]) * inverse, b = (low - y[k]) * inverse;
      const Pack w = (high - low) * inverse;
      const LogisticInterval<Pack> part(a, b, w);
      total += part.cost;
      if constexpr (DY::wanted) {
        dy[k] = scale * (part.upper - part.lower) * inverse;
        dy[pixels + k] = scale * keep(abs(raw) <= most, a * part.upper - b * part.lower + w * part.width);
      }
    }
    return total * share;
  }

 private:
  /// Far beyond every edge, and where f is 0 or 1 at any scale.
  static constexpr double infinity = 1e6;

  template <class Pack>
  [[nodiscard]] std::array<Pack, 2> interval(Pack value) const {
    using Scalar = typename Pack::Scalar;
    alignas(simd::alignment) Scalar values[Pack::lanes], low[Pack::lanes], high[Pack::lanes];
    value.store(values);
    for (int l = 0; l < Pack::lanes; ++l) {
      const std::size_t k = GreyLevels::level(static_cast<float>(values[l]));
      low[l] = static_cast<Scalar>(k == 0 ? -infinity : levels.edges()[k - 1] / double{GreyLevels::unit});
      high[l] =
          static_cast<Scalar>(k + 1 == GreyLevels::count ? infinity : levels.edges()[k] / double{GreyLevels::unit});
    }
    return {Pack::load(low), Pack::load(high)};
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
