#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/feature_map.hpp>
#include <limits>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// What the checks of gradients stand on: feature maps with memory of their own, and comparisons.
namespace eigencoder::inline EIGENCODER_TARGET::testing {

/// What a check throws; the message says what is wrong and shows the values.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void require(bool good, const std::string& message) {
  if (!good) throw Failure(message);
}

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Aligned packs that start as NaN.
template <class Pack>
class Packs {
 public:
  explicit Packs(Index size) : size_(size), memory_(static_cast<std::size_t>(size * Pack::lanes) + slack, nan) {}

  [[nodiscard]] Pack* data() {
    void* start = memory_.data();
    std::size_t room = memory_.size() * sizeof(typename Pack::Scalar);
    return static_cast<Pack*>(std::align(simd::alignment, 0, start, room));
  }
  /// The scalars: lane l of pack k is values()[k * Pack::lanes + l].
  [[nodiscard]] typename Pack::Scalar* values() { return reinterpret_cast<typename Pack::Scalar*>(data()); }
  [[nodiscard]] Index size() const { return size_; }

 private:
  static constexpr std::size_t slack = simd::alignment / sizeof(typename Pack::Scalar);
  Index size_;
  std::vector<typename Pack::Scalar> memory_;
};

/// A feature map with its memory: cells NaN, all around them zero.
template <class Pack, Layout L>
class Map : public Packs<Pack> {
 public:
  Map() : Packs<Pack>(L.size()) {
    std::fill_n(this->values(), this->size() * Pack::lanes, typename Pack::Scalar(0));
    fill([] { return nan; });
  }

  template <class Function>
  void fill(Function value) {
    for_each_cell(L.shape, [&](Index c, Index i, Index j) {
      for (int l = 0; l < Pack::lanes; ++l) at(c, i, j, l) = value();
    });
  }
  [[nodiscard]] typename Pack::Scalar& at(Index c, Index i, Index j, int lane) {
    return this->values()[L.at(c, i, j) * Pack::lanes + lane];
  }
  [[nodiscard]] FeatureMap<Pack, L> view() { return FeatureMap<Pack, L>(this->data()); }
  [[nodiscard]] FeatureMap<const Pack, L> read() { return view(); }

  /// True if the cells are numbers and the border around them is still zero.
  [[nodiscard]] bool is_intact() {
    bool intact = true;
    const Border& b = L.border;
    for (Index c = 0; c < L.shape.channels; ++c)
      for (Index i = -b.top; i < L.shape.height + b.bottom; ++i)
        for (Index j = -b.left; j < L.shape.width + b.right; ++j)
          for (int l = 0; l < Pack::lanes; ++l) {
            const bool inside = i >= 0 && i < L.shape.height && j >= 0 && j < L.shape.width;
            intact = intact && (inside ? std::isfinite(at(c, i, j, l)) : at(c, i, j, l) == 0);
          }
    return intact;
  }
};

/// The largest difference seen between two ways of computing a thing, relative to 1 or to the thing if that is larger.
class Worst {
 public:
  void compare(double got, double expected) {
    const double scale = std::max({1.0, std::abs(got), std::abs(expected)});
    const double error = std::abs(got - expected) / scale;
    if (!(error <= error_)) {
      error_ = error;
      got_ = got;
      expected_ = expected;
    }
  }
  /// Throws Failure if the difference is not below the tolerance; `what` says what was computed.
  void require_below(double tolerance, const std::string& what) const {
    if (error_ < tolerance) return;
    std::ostringstream message;
    message.precision(10);
    message << what << " is " << got_ << ", but should be " << expected_;
    throw Failure(message.str());
  }

 private:
  double error_ = 0, got_ = 0, expected_ = 0;
};

constexpr Border grown(Border b, Index by) { return {b.top + by, b.left + by + 1, b.bottom + by + 2, b.right + by}; }

/// The layout of a map that a layer reads: a border of its choice, or a larger one. Flat maps are dense in memory.
constexpr Layout read_layout(Shape shape, Border asked, bool larger) {
  return {shape, larger && !shape.is_flat() ? grown(asked, 1) : asked};
}
/// The layout of a map that a layer writes: the border is its neighbour's choice.
constexpr Layout written_layout(Shape shape, bool bordered) { return {shape, bordered ? grown({}, 1) : Border{}}; }

}  // namespace eigencoder::inline EIGENCODER_TARGET::testing
