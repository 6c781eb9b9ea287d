/// Every layer of the convolutional models, one micro-batch on one thread: forward, weight gradient, and both
/// gradients.
///
/// GFLOP count the multiply-adds of the plain algorithm: stages that need fewer (a convolution of an enlarged map) may
/// exceed the peak. `seconds_at_peak` is the time that multiply-adds on registers alone would take, measured at the
/// start; so its rate is the share of the peak. Both rates are per second of processor time.

#include <benchmark/benchmark.h>

#include <eigencoder/eigencoder.hpp>
#include <eigencoder/fusion/fuse.hpp>
#include <string>

#include "fma_peak.hpp"

namespace {

using namespace eigencoder;

/// Packs that start as numbers in [0, 1), in a shape's cells.
template <class Pack, Layout L>
class Map {
 public:
  using Scalar = typename Pack::Scalar;

  Map() : memory_(Eigen::Array<Scalar, Eigen::Dynamic, 1>::Zero(L.size() * Pack::lanes + simd::alignment)) {
    Random random(Seed{1});
    for_each_cell(L.shape, [&](Index c, Index i, Index j) {
      view()(c, i, j) = Pack(0).map([&](Scalar) { return random.template uniform<Scalar>(); });
    });
  }
  FeatureMap<Pack, L> view() { return FeatureMap<Pack, L>(packs()); }
  FeatureMap<const Pack, L> read() { return view(); }
  Pack* packs() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    return reinterpret_cast<Pack*>((address + simd::alignment - 1) / simd::alignment * simd::alignment);
  }

 private:
  Eigen::Array<Scalar, Eigen::Dynamic, 1> memory_;
};

/// Multiply-adds on registers alone: the best of many short times, as other processes may run meanwhile.
double peak() {
  static const double flops = [] {
    double best = 0;
    for (int time = 0; time < 50; ++time) best = std::max(best, benchmarks::fma_flops_per_second<float>(0.01));
    return best;
  }();
  return flops;
}

enum class Work { forward, weights, gradients };

/// `multiply_adds` of the plain layer, for one sample's forward pass.
template <class Layer, auto Activation>
void run(benchmark::State& state, Work work, double multiply_adds) {
  using Pack = eigencoder::Pack<float, std::max(Layer::registers, 1)>;
  constexpr Layout X{Layer::input, Layer::input_border};
  constexpr Layout Y{Layer::output};
  constexpr Layout DY{Layer::output, Layer::gradient_border};
  using Flat = Layout;
  Map<Pack, X> x;
  Map<Pack, Y> y;
  Map<Pack, DY> dy;
  Map<Pack, Layout{Layer::input}> dx;
  const auto packs = [](Index scalars) { return Shape{(scalars + Pack::lanes - 1) / Pack::lanes}; };
  Map<Pack, Flat{packs(Layer::template panel_size<Pack>)}> panels;
  Map<Pack, Flat{packs(Layer::template gradient_panel_size<Pack>)}> gradient_panels;
  Map<Pack, Flat{Shape{Layer::template cache_size<Pack>}}> cache;
  std::vector<float> parameters(static_cast<std::size_t>(parameter_count<Layer>)), gradient(parameters.size());
  Random random(Seed{2});
  Layer::initialize(std::span(parameters), random);
  const Context context;
  const Arguments<Pack> arguments{
      parameters, reinterpret_cast<const float*>(panels.packs()), cache.packs(), &context, 0, Pack(1), nullptr};
  const Gradient<Pack> target{gradient, reinterpret_cast<float*>(gradient_panels.packs())};
  Layer::template pack<Pack>(parameters, reinterpret_cast<float*>(panels.packs()));
  const Sink<Pack, Y, Activate<Activation>> out(y.view(), {});
  using Factor = Differentiate<relu, Pack, X>;
  const Sink<Pack, Layout{Layer::input}, Factor> input_gradient(dx.view(), Factor{x.read()});
  Layer::template forward<Pack>(arguments, x.read(), out);
  for (auto _ : state) {
    if (work == Work::forward) {
      Layer::template forward<Pack>(arguments, x.read(), out);
    } else if (work == Work::weights) {
      Layer::template backward<Pack>(arguments, x.read(), y.read(), dy.read(), NoSink<Pack, X>{}, target);
    } else {
      Layer::template backward<Pack>(arguments, x.read(), y.read(), dy.read(), input_gradient, target);
    }
    benchmark::ClobberMemory();
  }
  const double flops = 2 * multiply_adds * Pack::lanes * (work == Work::gradients ? 2 : 1);
  state.counters["GFLOP"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["seconds_at_peak"] = benchmark::Counter(flops / peak(), benchmark::Counter::kIsIterationInvariantRate);
}

/// Forward, weight gradient and both gradients of a bound layer.
template <class Layer, auto Activation = relu>
void add(const std::string& name, double multiply_adds) {
  for (const auto& [label, work] : {std::pair{"/forward", Work::forward}, std::pair{"/weight_gradient", Work::weights},
                                    std::pair{"/both_gradients", Work::gradients}})
    benchmark::RegisterBenchmark((name + label).c_str(), run<Layer, Activation>, work, multiply_adds);
}

template <class Layer>
constexpr double multiply_adds_of(Shape positions) {
  return static_cast<double>(Layer::tensors[0].size() * positions.height * positions.width);
}

/// One layer; a convolution is counted at its own positions, a transposed one at its input's.
template <class Plain, Shape In, auto Activation = relu>
void layer(const std::string& name) {
  using Layer = typename Plain::template Layer<In>;
  Shape positions = Layer::output;
  if constexpr (requires { Layer::transposed; }) {
    if (Layer::transposed) positions = In;
  }
  add<Layer, Activation>(name, multiply_adds_of<Layer>(positions));
}

/// Two neighbours as their stage.
template <class First, class Second, Shape In, auto Activation = relu>
void stage(const std::string& name) {
  using A = typename First::template Layer<In>;
  using B = typename Second::template Layer<A::output>;
  using Stage = typename Fuse<A, B>::type;
  constexpr bool pools = requires { B::pool; };
  add<Stage, Activation>(name, multiply_adds_of<Stage>(pools ? A::output : B::output));
}

}  // namespace

int main(int count, char** arguments) {
  using C16 = Conv2D<16, 3, relu, same>;
  using C8 = Conv2D<8, 3, relu, same>;
  using P = MaxPool2D<2, same>;
  using U = UpSampling2D<2>;
  stage<C16, P, Shape{28, 28, 1}>("conv/1_C16_P2");
  stage<C8, P, Shape{14, 14, 16}>("conv/2_C8_P2");
  stage<C8, P, Shape{7, 7, 8}>("conv/3_C8_P2");
  layer<C8, Shape{4, 4, 8}>("conv/4_C8");
  stage<U, C8, Shape{4, 4, 8}>("conv/5_U2_C8");
  stage<U, Conv2D<16, 3, relu>, Shape{8, 8, 8}>("conv/6_U2_C16_valid");
  stage<U, Conv2D<1, 3, same>, Shape{14, 14, 16}, sigmoid>("conv/7_U2_C1");
  layer<C16, Shape{28, 28, 1}>("conv/1_C16_alone");
  layer<C8, Shape{14, 14, 16}>("conv/2_C8_alone");
  layer<Conv2D<1, 3, same>, Shape{28, 28, 16}, sigmoid>("conv/7_C1_alone");

  using T = Conv2DTranspose<64, 3, stride(2), relu, same>;
  layer<Conv2D<32, 3, stride(2), relu, same>, Shape{28, 28, 1}>("strided/1_C32");
  layer<Conv2D<64, 3, stride(2), relu, same>, Shape{14, 14, 32}>("strided/2_C64");
  layer<Dense<32>, Shape{3136}, linear>("strided/3_dense_3136_32");
  layer<Dense<3136>, Shape{32}>("strided/4_dense_32_3136");
  layer<T, Shape{7, 7, 64}>("strided/5_T64");
  layer<Conv2DTranspose<32, 3, stride(2), relu, same>, Shape{14, 14, 64}>("strided/6_T32");
  layer<Conv2DTranspose<1, 3, same>, Shape{28, 28, 32}, sigmoid>("strided/7_T1");

  layer<Dense<32>, Shape{784}>("dense/784_32");
  layer<Dense<784>, Shape{32}, sigmoid>("dense/32_784");

  layer<Conv2D<32, 3, relu, same>, Shape{64, 64, 3}>("rgb/64_C32");
  layer<Conv2D<32, 3, relu, same>, Shape{128, 128, 3}>("rgb/128_C32");
  layer<Conv2D<32, 3, stride(2), relu, same>, Shape{128, 128, 3}>("rgb/128_C32_s2");
  layer<Conv2D<3, 3, same>, Shape{128, 128, 32}, sigmoid>("rgb/128_C3");
  layer<Conv2D<64, 3, relu, same>, Shape{64, 64, 32}>("rgb/64_C32_C64");

  benchmark::Initialize(&count, arguments);
  benchmark::AddCustomContext("multiply-add peak of one thread", std::to_string(peak() * 1e-9) + " GFLOP/s");
  benchmark::RunSpecifiedBenchmarks();
}
