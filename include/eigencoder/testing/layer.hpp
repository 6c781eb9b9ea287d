#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <eigencoder/random/philox.hpp>
#include <eigencoder/testing/maps.hpp>
#include <numeric>

/// The check of a layer's gradients: what backward gives against central differences of what forward gives, in double,
/// for every parameter and every input value of every lane.
///
/// Around that it proves the layer protocol: gradients add to what is there; dx is complete; nothing unset is read (all
/// that a layer must write first is NaN); borders stay zero; lanes do not mix; lanes without a sample (upstream
/// gradient 0) give nothing; parameters may lie at any address.
namespace eigencoder::inline EIGENCODER_TARGET::testing {

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
  static constexpr auto count = static_cast<std::size_t>(parameter_count<Layer>);

  explicit LayerCase(std::uint64_t seed) : random_(Seed{seed}), samples_(lanes), context_{.training = true} {
    std::iota(samples_.begin(), samples_.end(), Index{7});
    context_.seed = Seed{seed};
    context_.epoch = 3;
    context_.samples = samples_;
    for (int k = 0; k < 7 + lanes; ++k) labels_.push_back(3 * k % 10);
    context_.labels = labels_;
    for (double& p : parameters()) p = normal();
    a_.fill([&] { return normal(); });
    upstream_.fill([&] { return normal(); });
    for (int l = 0; l < lanes; ++l) weights_.values()[l] = 0.3 + 0.1 * l;
    if (lanes == 1) return;
    // The last lane holds no sample.
    weights_.values()[lanes - 1] = 0;
    for_each_cell(Layer::output, [&](Index c, Index i, Index j) { upstream_.at(c, i, j, lanes - 1) = 0; });
  }

  void check() {
    // A layer without parameters is not asked for a gradient that nobody wants.
    const std::vector<double> once = parameter_gradient<count == 0>(1);
    const std::vector<double> twice = parameter_gradient<true>(2);
    require(y_.is_intact(), what() + "forward leaves a cell of y unwritten, or writes beside it");
    require(dx_.is_intact(), what() + "backward leaves a cell of dx unwritten, or writes beside it");

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
    for_each_cell(Layer::input, [&](Index c, Index i, Index j) {
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
    parameter.require_below(tolerance, what() + "a parameter's gradient, which backward adds twice,");
    unasked.require_below(1e-12, what() + "twice a parameter's gradient where the input's is not wanted");
    input.require_below(tolerance, what() + "an input's gradient");
  }

 private:
  static constexpr double tolerance = 1e-6;

  static std::string what() {
    return std::string(Layer::name) + " " + to_string(Layer::input) + " -> " + to_string(Layer::output) + ": ";
  }

  double normal() { return random_.normal<double>(); }
  /// At an odd address: in a model, a layer's parameters follow other layers'.
  [[nodiscard]] std::span<double> parameters() { return std::span(parameters_).subspan(1); }
  [[nodiscard]] Arguments<Pack> arguments() {
    return {parameters(), panels_.values(), cache_.data(), &context_, 2, *weights_.data(), measures_.data()};
  }

  void forward() {
    measures_.assign(measures_.size(), 0);
    for (Index k = 0; k < panels_.size() * lanes; ++k) panels_.values()[k] = nan;
    for (Index k = 0; k < cache_.size() * lanes; ++k) cache_.values()[k] = nan;
    y_.fill([] { return nan; });
    for_each_cell(Layer::input,
                  [&](Index c, Index i, Index j) { x_.view()(c, i, j) = Below.value(a_.view()(c, i, j)); });
    Layer::template pack<Pack>(parameters(), panels_.values());
    Layer::template forward<Pack>(arguments(), x_.read(), Sink<Pack, Y, Activate<Above>>(y_.view(), {}));
  }

  /// Each lane's objective.
  std::vector<double> objective() {
    forward();
    std::vector<double> sums(lanes);
    for_each_cell(Layer::output, [&](Index c, Index i, Index j) {
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
    const Gradient<Pack> target{std::span(gradient).subspan(1), panels.values()};
    for (int pass = 0; pass < passes; ++pass) {
      forward();
      for_each_cell(Layer::output, [&](Index c, Index i, Index j) {
        dy_.view()(c, i, j) = Above.gradient(upstream_.view()(c, i, j), y_.view()(c, i, j));
      });
      if constexpr (Wanted) {
        using Factor = Differentiate<Below, Pack, X>;
        dx_.fill([] { return nan; });
        Layer::template backward<Pack>(arguments(), x_.read(), y_.read(), dy_.read(),
                                       Sink<Pack, DX, Factor>(dx_.view(), Factor{x_.read()}), target);
      } else {
        Layer::template backward<Pack>(arguments(), x_.read(), y_.read(), dy_.read(), NoSink<Pack, DX>{}, target);
      }
    }
    Layer::template unpack<Pack>(panels.values(), target.parameters);
    return {gradient.begin() + 1, gradient.end()};
  }

  template <Index Scalars>
  static constexpr Index panel_packs = (Scalars + lanes - 1) / lanes;

  Random random_;
  std::vector<Index> samples_;
  std::vector<int> labels_;
  Context context_;
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
/// activation of its sink in the first (one whose derivative comes from the output). Throws Failure.
template <class Layer, auto Above = linear>
void check_gradients(std::uint64_t seed = 1) {
  LayerCase<Layer, 1, linear, Above, false>(seed).check();
  LayerCase<Layer, 2, sigmoid, activations::tanh, true>(seed + 1).check();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::testing
