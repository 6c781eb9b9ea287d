#pragma once

/// One gradient check for all layers and losses: what backward gives against central differences of what forward gives,
/// in double, for every parameter and every input value of every lane.
///
/// Around that it proves the layer protocol: gradients add to what is there; dx is complete; nothing unset is read (all
/// that a layer must write first is NaN); borders stay zero; lanes do not mix; lanes without a sample (upstream
/// gradient 0) give nothing; parameters may lie at any address.

#include <cmath>
#include <eigencoder/core/layer.hpp>
#include <eigencoder/core/philox.hpp>
#include <eigencoder/layers/activations.hpp>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

namespace test {

using eigencoder::Border;
using eigencoder::FeatureMap;
using eigencoder::Index;
using eigencoder::Layout;
using eigencoder::Shape;

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Aligned packs that start as NaN.
template <class Pack>
class Packs {
 public:
  explicit Packs(Index size) : size_(size), memory_(static_cast<std::size_t>(size * Pack::lanes) + slack, nan) {}

  [[nodiscard]] Pack* data() {
    void* start = memory_.data();
    std::size_t room = memory_.size() * sizeof(typename Pack::Scalar);
    return static_cast<Pack*>(std::align(eigencoder::simd::alignment, 0, start, room));
  }
  /// The scalars: lane l of pack k is values()[k * Pack::lanes + l].
  [[nodiscard]] typename Pack::Scalar* values() { return reinterpret_cast<typename Pack::Scalar*>(data()); }
  [[nodiscard]] Index size() const { return size_; }

 private:
  static constexpr std::size_t slack = eigencoder::simd::alignment / sizeof(typename Pack::Scalar);
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
    eigencoder::for_each_cell(L.shape, [&](Index c, Index i, Index j) {
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
  void require_below(double tolerance, const std::string& what) const {
    INFO(what << ": got " << got_ << ", expected " << expected_);
    REQUIRE(error_ < tolerance);
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

/// A layer between two activations, below(a) -> layer -> above(z), whose outputs are weighted by random numbers to one
/// number per lane.
template <class Layer, int Registers, auto Below, auto Above, bool LargerBorders>
class LayerCase {
 public:
  using Pack = eigencoder::Pack<double, Registers>;
  static constexpr Index lanes = Pack::lanes;
  static constexpr Layout X = read_layout(Layer::input, Layer::input_border, LargerBorders);
  static constexpr Layout Y = written_layout(Layer::output, LargerBorders);
  static constexpr Layout DY = read_layout(Layer::output, Layer::gradient_border, LargerBorders);
  static constexpr Layout DX = written_layout(Layer::input, LargerBorders);
  static constexpr auto count = static_cast<std::size_t>(eigencoder::parameter_count<Layer>);

  explicit LayerCase(std::uint64_t seed)
      : random_(eigencoder::Seed{seed}), samples_(lanes), context_{.training = true} {
    std::iota(samples_.begin(), samples_.end(), Index{7});
    context_.seed = eigencoder::Seed{seed};
    context_.epoch = 3;
    context_.samples = samples_;
    for (int k = 0; k < 7 + lanes; ++k) labels_.push_back(3 * k % 10);
    context_.labels = labels_;
    for (double& p : parameters()) p = normal();
    a_.fill([&] { return normal(); });
    upstream_.fill([&] { return normal(); });
    for (int l = 0; l < lanes; ++l) weights_.values()[l] = 0.3 + 0.1 * l;
    // The last lane holds no sample.
    weights_.values()[lanes - 1] = 0;
    eigencoder::for_each_cell(Layer::output, [&](Index c, Index i, Index j) { upstream_.at(c, i, j, lanes - 1) = 0; });
  }

  void check() {
    // A layer without parameters is not asked for a gradient that nobody wants.
    const std::vector<double> once = parameter_gradient<count == 0>(1);
    const std::vector<double> twice = parameter_gradient<true>(2);
    REQUIRE(y_.is_intact());
    REQUIRE(dx_.is_intact());

    constexpr double h = 1e-5;
    Worst unasked, parameter, input;
    for (std::size_t k = 0; k < count; ++k) {
      const double start = parameters()[k];
      parameters()[k] = start + h;
      double difference = total();
      parameters()[k] = start - h;
      difference -= total();
      parameters()[k] = start;
      parameter.compare(twice[k] - start_of(k), 2 * difference / (2 * h));
      unasked.compare(2 * (once[k] - start_of(k)), twice[k] - start_of(k));
    }
    eigencoder::for_each_cell(Layer::input, [&](Index c, Index i, Index j) {
      if constexpr (Layer::adds_loss) {  // which is one number for all lanes
        for (int l = 0; l < lanes; ++l) {
          const double start = a_.at(c, i, j, l);
          a_.at(c, i, j, l) = start + h;
          double difference = total();
          a_.at(c, i, j, l) = start - h;
          difference -= total();
          a_.at(c, i, j, l) = start;
          input.compare(dx_.at(c, i, j, l), difference / (2 * h));
        }
      } else {
        for (int l = 0; l < lanes; ++l) a_.at(c, i, j, l) += h;
        const std::vector<double> above = objective();
        for (int l = 0; l < lanes; ++l) a_.at(c, i, j, l) -= 2 * h;
        const std::vector<double> below = objective();
        for (int l = 0; l < lanes; ++l) {
          a_.at(c, i, j, l) += h;
          const auto lane = static_cast<std::size_t>(l);
          input.compare(dx_.at(c, i, j, l), (above[lane] - below[lane]) / (2 * h));
        }
      }
    });
    parameter.require_below(tolerance, "parameters' gradient, added twice");
    unasked.require_below(1e-12, "parameters' gradient where the input's is not wanted");
    input.require_below(tolerance, "input's gradient");
  }

 private:
  static constexpr double tolerance = 1e-6;

  double normal() { return random_.normal<double>(); }
  /// At an odd address: in a model, a layer's parameters follow other layers'.
  [[nodiscard]] std::span<double> parameters() { return std::span(parameters_).subspan(1); }
  [[nodiscard]] eigencoder::Arguments<Pack> arguments() {
    return {parameters(), panels_.values(), cache_.data(), &context_, 2, *weights_.data(), measures_.data()};
  }

  void forward() {
    using eigencoder::Activate;
    measures_.assign(measures_.size(), 0);
    for (Index k = 0; k < panels_.size() * lanes; ++k) panels_.values()[k] = nan;
    for (Index k = 0; k < cache_.size() * lanes; ++k) cache_.values()[k] = nan;
    y_.fill([] { return nan; });
    eigencoder::for_each_cell(Layer::input,
                              [&](Index c, Index i, Index j) { x_.view()(c, i, j) = Below.value(a_.view()(c, i, j)); });
    Layer::template pack<Pack>(parameters(), panels_.values());
    Layer::template forward<Pack>(arguments(), x_.read(), eigencoder::Sink<Pack, Y, Activate<Above>>(y_.view(), {}));
  }

  /// Each lane's objective.
  std::vector<double> objective() {
    forward();
    std::vector<double> sums(lanes);
    eigencoder::for_each_cell(Layer::output, [&](Index c, Index i, Index j) {
      for (int l = 0; l < lanes; ++l) sums[static_cast<std::size_t>(l)] += upstream_.at(c, i, j, l) * y_.at(c, i, j, l);
    });
    return sums;
  }
  /// All lanes' objectives, and the layer's own loss if it has one.
  double total() {
    const std::vector<double> sums = objective();
    return std::accumulate(sums.begin(), sums.end(), Layer::adds_loss ? measures_[0] : 0.0);
  }

  /// What a parameter's gradient is before the first pass.
  static double start_of(std::size_t k) { return 0.1 * static_cast<double>(k % 5) - 0.3; }

  /// The gradient after some passes, on top of numbers that were there before; and the input's in dx_ if wanted.
  template <bool Wanted>
  std::vector<double> parameter_gradient(int passes) {
    std::vector<double> gradient(count + 1);
    for (std::size_t k = 0; k < count; ++k) gradient[k + 1] = start_of(k);
    Packs<Pack> panels(panel_packs<Layer::template gradient_panel_size<Pack>>);
    for (Index k = 0; k < panels.size() * lanes; ++k) panels.values()[k] = 0;
    const eigencoder::Gradient<Pack> target{std::span(gradient).subspan(1), panels.values()};
    for (int pass = 0; pass < passes; ++pass) {
      forward();
      eigencoder::for_each_cell(Layer::output, [&](Index c, Index i, Index j) {
        dy_.view()(c, i, j) = Above.gradient(upstream_.view()(c, i, j), y_.view()(c, i, j));
      });
      if constexpr (Wanted) {
        using Factor = eigencoder::Differentiate<Below, Pack, X>;
        dx_.fill([] { return nan; });
        Layer::template backward<Pack>(arguments(), x_.read(), y_.read(), dy_.read(),
                                       eigencoder::Sink<Pack, DX, Factor>(dx_.view(), Factor{x_.read()}), target);
      } else {
        Layer::template backward<Pack>(arguments(), x_.read(), y_.read(), dy_.read(), eigencoder::NoSink<Pack, DX>{},
                                       target);
      }
    }
    Layer::template unpack<Pack>(panels.values(), target.parameters);
    return {gradient.begin() + 1, gradient.end()};
  }

  template <Index Scalars>
  static constexpr Index panel_packs = (Scalars + lanes - 1) / lanes;

  eigencoder::Random random_;
  std::vector<Index> samples_;
  std::vector<int> labels_;
  eigencoder::Context context_;
  Packs<Pack> weights_{1};
  std::vector<double> measures_ = std::vector<double>(Layer::measures + 1);
  std::vector<double> parameters_ = std::vector<double>(count + 1);
  Packs<Pack> panels_{panel_packs<Layer::template panel_size<Pack>>};
  Packs<Pack> cache_{Layer::template cache_size<Pack>};
  Map<Pack, X> a_, x_;
  Map<Pack, Y> y_;
  Map<Pack, DY> dy_;
  Map<Pack, Layout{Layer::output}> upstream_;
  Map<Pack, DX> dx_;
};

/// Checks a bound layer, such as Dense<5>::Layer<Shape{7}>, in two settings that differ in everything; `Above` is the
/// activation of its sink in the first (one whose derivative comes from the output).
template <class Layer, auto Above = eigencoder::linear>
void check_gradients(std::uint64_t seed = 1) {
  LayerCase<Layer, 1, eigencoder::linear, Above, false>(seed).check();
  LayerCase<Layer, 2, eigencoder::sigmoid, eigencoder::tanh, true>(seed + 1).check();
}

/// Checks a loss on values value() and targets target(): each lane's gradient is weight times that of the lane's loss,
/// on its way through a linear or a non-linear sink; and the loss alone is the same.
template <Shape S, bool Logits, int Registers, bool LargerBorders, class Loss, class Value, class Target>
void check_loss_case(const Loss& loss, Value value, Target target) {
  using Pack = eigencoder::Pack<double, Registers>;
  constexpr Layout L = written_layout(S, LargerBorders);
  constexpr Layout DL = written_layout(S, !LargerBorders);
  constexpr auto nonlinear = eigencoder::tanh;
  Map<Pack, L> y;
  Map<Pack, Layout{S}> t;
  Map<Pack, DL> dy, dz;
  y.fill(value);
  t.fill(target);
  alignas(eigencoder::simd::alignment) double weights[Pack::lanes];
  for (int l = 0; l < Pack::lanes; ++l) weights[l] = 0.5 * l;  // lane 0: none
  const Pack weight = Pack::load(weights);
  const auto value_of = [&](auto sink) {
    alignas(eigencoder::simd::alignment) std::array<double, Pack::lanes> losses;
    loss.template evaluate<Logits>(y.read(), t.read(), weight, sink).store(losses.data());
    return losses;
  };
  using Plain = eigencoder::Activate<eigencoder::linear>;
  using Factor = eigencoder::Differentiate<nonlinear, Pack, L>;
  const auto with_gradient = value_of(eigencoder::Sink<Pack, DL, Plain>(dy.view(), {}));
  (void)value_of(eigencoder::Sink<Pack, DL, Factor>(dz.view(), Factor{y.read()}));
  const auto alone = value_of(eigencoder::NoSink<Pack, DL>{});
  REQUIRE(dy.is_intact());
  REQUIRE(dz.is_intact());

  constexpr double h = 1e-6;
  Worst gradient, through, values;
  for (std::size_t l = 0; l < alone.size(); ++l) values.compare(with_gradient[l], alone[l]);
  eigencoder::for_each_cell(S, [&](Index c, Index i, Index j) {
    for (int l = 0; l < Pack::lanes; ++l) y.at(c, i, j, l) += h;
    const auto above = value_of(eigencoder::NoSink<Pack, DL>{});
    for (int l = 0; l < Pack::lanes; ++l) y.at(c, i, j, l) -= 2 * h;
    const auto below = value_of(eigencoder::NoSink<Pack, DL>{});
    for (int l = 0; l < Pack::lanes; ++l) {
      y.at(c, i, j, l) += h;
      const auto lane = static_cast<std::size_t>(l);
      const double expected = weights[l] * (above[lane] - below[lane]) / (2 * h);
      gradient.compare(dy.at(c, i, j, l), expected);
      through.compare(dz.at(c, i, j, l), expected * (1 - y.at(c, i, j, l) * y.at(c, i, j, l)));
    }
  });
  values.require_below(1e-14, "loss without its gradient");
  gradient.require_below(1e-7, "gradient");
  through.require_below(1e-7, "gradient through an activation");
}

/// Checks an elementwise loss on a flat shape and on an image; see check_loss_case.
template <bool Logits = false, class Loss, class Value, class Target>
void check_loss(const Loss& loss, Value value, Target target) {
  check_loss_case<Shape{70}, Logits, 1, false>(loss, value, target);
  check_loss_case<Shape{3, 5, 2}, Logits, 2, true>(loss, value, target);
}

}  // namespace test
