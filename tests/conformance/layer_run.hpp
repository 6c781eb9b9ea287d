#pragma once

#include <conformance/golden.hpp>
#include <eigencoder/kernels/lanes.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <gradients/harness.hpp>
#include <support/single_layer.hpp>

/// One layer alone, forward and backward, on matrices of one sample a row.
namespace test {

/// Runs a bound layer, such as Dense<5>::Layer<Shape{7}>, micro-batch by micro-batch.
template <class Layer, class Scalar>
class LayerRun {
  using Pack = eigencoder::Pack<Scalar, Layer::registers == 0 ? 1 : Layer::registers>;
  static constexpr Layout X{Layer::input, Layer::input_border};
  static constexpr Layout Y{Layer::output};
  static constexpr Layout DY{Layer::output, Layer::gradient_border};
  static constexpr Layout DX{Layer::input};

 public:
  Matrix<Scalar> y, dx;
  /// The gradient of all tensors, one after the other.
  std::vector<Scalar> gradient;

  LayerRun(const std::vector<Scalar>& parameters, const Matrix<Scalar>& x, const Matrix<Scalar>& dy)
      : y(x.rows(), Layer::output.size()), dx(x.rows(), Layer::input.size()), gradient(parameters.size()) {
    auto panels = zeros<Layer::template panel_size<Pack>>();
    auto gradient_panels = zeros<Layer::template gradient_panel_size<Pack>>();
    Packs<Pack> cache(Layer::template cache_size<Pack>);
    Map<Pack, X> x_map;
    Map<Pack, Y> y_map;
    Map<Pack, DY> dy_map;
    Map<Pack, DX> dx_map;
    const eigencoder::Context context{};
    Layer::template pack<Pack>(parameters, panels.values());
    for (Index first = 0; first < x.rows(); first += Pack::lanes) {
      const Index count = std::min<Index>(Pack::lanes, x.rows() - first);
      load(x, first, count, x_map.view());
      load(dy, first, count, dy_map.view());
      for_each_cell(Layer::output, [&](Index c, Index i, Index j) {
        for (int lane = static_cast<int>(count); lane < Pack::lanes; ++lane) dy_map.at(c, i, j, lane) = 0;
      });
      eigencoder::Arguments<Pack> arguments{};
      arguments.parameters = parameters;
      arguments.panels = panels.values();
      arguments.cache = cache.data();
      arguments.context = &context;
      const eigencoder::Gradient<Pack> target{gradient, gradient_panels.values()};
      using Plain = eigencoder::Activate<eigencoder::linear>;
      Layer::template forward<Pack>(arguments, x_map.read(), eigencoder::Sink<Pack, Y, Plain>(y_map.view(), {}));
      Layer::template backward<Pack>(arguments, x_map.read(), y_map.read(), dy_map.read(),
                                     eigencoder::Sink<Pack, DX, Plain>(dx_map.view(), {}), target);
      eigencoder::kernels::store_lanes(y_map.read(), count, y.row(first).data(), y.cols());
      eigencoder::kernels::store_lanes(dx_map.read(), count, dx.row(first).data(), dx.cols());
    }
    Layer::template unpack<Pack>(gradient_panels.values(), std::span<Scalar>(gradient));
  }

 private:
  template <Index Scalars>
  static Packs<Pack> zeros() {
    Packs<Pack> packs((Scalars + Pack::lanes - 1) / Pack::lanes);
    std::fill_n(packs.values(), packs.size() * Pack::lanes, Scalar(0));
    return packs;
  }

  template <Layout L>
  static void load(const Matrix<Scalar>& rows, Index first, Index count, FeatureMap<Pack, L> map) {
    std::vector<Index> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), first);
    const auto read = [&](Index sample, Index feature, Index n, Scalar* out) {
      std::copy_n(rows.row(sample).data() + feature, n, out);
    };
    eigencoder::kernels::load_lanes(read, numbers, map);
  }
};

/// Compares a layer's outputs, in both layouts, and gradients with the tensors `name`.y, `name`.dx and `name`.d<each of
/// its tensors>.
template <class Layer, class Scalar>
void compare(const Golden& golden, const std::string& name) {
  std::vector<Scalar> parameters;
  for (const auto& tensor : Layer::tensors) {
    const StoredTensor& stored = golden.tensor(name + "." + std::string(tensor.name));
    REQUIRE(stored.shape == std::vector<Index>(tensor.dims.begin(), tensor.dims.begin() + tensor.rank));
    for (const double value : stored.values) parameters.push_back(static_cast<Scalar>(value));
  }
  const auto x = golden.matrix<Scalar>(name + ".x");
  const LayerRun<Layer, Scalar> run(parameters, x, golden.matrix<Scalar>(name + ".dy"));
  check_agrees<Scalar>(golden, name + ".y", run.y);
  if constexpr (std::is_same_v<Scalar, double>)
    check_agrees<Scalar>(golden, name + ".y", run_single<Layer>(parameters, x));
  check_agrees<Scalar>(golden, name + ".dx", run.dx);
  std::span<const Scalar> gradient = run.gradient;
  for (const auto& tensor : Layer::tensors) {
    const auto size = static_cast<std::size_t>(tensor.size());
    check_agrees<Scalar>(golden, name + ".d" + std::string(tensor.name), gradient.first(size));
    gradient = gradient.subspan(size);
  }
}

/// `compare` in double, and in the other scalar types that are given.
template <class LayerTemplate, Shape In, class... Others>
void check_layer(const Golden& golden, const std::string& name) {
  CAPTURE(name);
  const auto check = [&]<class Scalar>(Scalar) {
    if constexpr (is_tested<Scalar>) compare<typename LayerTemplate::template Layer<In>, Scalar>(golden, name);
  };
  check(double{});
  (check(Others{}), ...);
}

}  // namespace test
