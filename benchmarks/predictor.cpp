/// One sample at a time, channels as lanes: dense layers of as many units as inputs, in nanoseconds a call, and the
/// convolutions of the convolutional models.
///
/// `seconds_at_peak` is the time that a layer's multiply-adds would take on registers alone, measured at the start; its
/// rate is the share of the peak. Stages that need fewer than the plain algorithm may exceed it.

#include <benchmark/benchmark.h>

#include <eigencoder/eigencoder.hpp>

#include "fma_peak.hpp"

namespace {

using namespace eigencoder;

template <Index N>
void dense(benchmark::State& state) {
  const Autoencoder<Sequential<Shape{N}, Dense<N>>, Sequential<Shape{N}, Dense<N>>> model;
  Predictor predictor(model);
  alignas(simd::alignment) std::array<float, N> x{}, y{};
  for (auto _ : state) {
    predictor.encode(x, y);
    benchmark::ClobberMemory();
  }
}

double peak() {
  static const double flops = [] {
    double best = 0;
    for (int time = 0; time < 50; ++time) best = std::max(best, benchmarks::fma_flops_per_second<float>(0.01));
    return best;
  }();
  return flops;
}

/// A layer, or two that are folded into one.
template <Shape In, class... Layers>
void convolution(benchmark::State& state) {
  using Bound = typename network::Bind<In, network::List<>, Layers...>::type;
  using Network = network::SingleNetwork<float, network::SingleStages<Bound>>;
  static_assert(Network::count == 1);
  using Layer = typename Network::template Layer<0>;
  constexpr Shape out = Layer::output;
  std::vector<float> parameters(static_cast<std::size_t>(parameter_count<Layer>), 0.1F), x(In.size(), 0.1F),
      y(out.size());
  Buffer<float> panel(static_cast<std::size_t>(Network::panel_size)), workspace(Network::workspace_size);
  Network::pack(parameters.data(), panel.data());
  for (auto _ : state) {
    Network::template run<0, 1>(x.data(), panel.data(), workspace.data(), -1, y.data());
    benchmark::ClobberMemory();
  }
  // Each weight is used once at each position of the coarse map.
  constexpr Shape coarse = Layer::transposed ? In : out;
  const double flops = 2.0 * static_cast<double>(coarse.height * coarse.width * Layer::bias_at);
  state.counters["seconds_at_peak"] = benchmark::Counter(flops / peak(), benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(dense<4>);
BENCHMARK(dense<8>);
BENCHMARK(dense<16>);
BENCHMARK(dense<32>);
BENCHMARK(dense<64>);
BENCHMARK(convolution<Shape{28, 28, 1}, Conv2D<16, 3, relu, same>>);
BENCHMARK(convolution<Shape{14, 14, 16}, Conv2D<8, 3, relu, same>>);
BENCHMARK(convolution<Shape{8, 8, 8}, UpSampling2D<2>, Conv2D<16, 3, relu>>);
BENCHMARK(convolution<Shape{14, 14, 16}, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>);
BENCHMARK(convolution<Shape{14, 14, 32}, Conv2D<64, 3, relu, same, stride(2)>>);
BENCHMARK(convolution<Shape{14, 14, 64}, Conv2DTranspose<32, 3, relu, same, stride(2)>>);
BENCHMARK(convolution<Shape{28, 28, 32}, Conv2DTranspose<1, 3, sigmoid, same>>);
BENCHMARK(convolution<Shape{8, 8, 128}, Conv2D<256, 3, relu, same, stride(2)>>);
BENCHMARK(convolution<Shape{8, 8, 20}, Conv2D<20, 3, relu, same>>);

}  // namespace

BENCHMARK_MAIN();
