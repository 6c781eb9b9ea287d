/// What is done to every value: losses with their gradients, activations with theirs, optimisers and noise. On one
/// thread, in float, on data that fit the first cache: nanoseconds and clock cycles for each register of values.

#include <benchmark/benchmark.h>

#include <chrono>
#include <ctime>
#include <eigencoder/eigencoder.hpp>

namespace {

using namespace eigencoder;
using Register = eigencoder::Register<float>;
using Pack = eigencoder::Pack<float, 2>;

/// Cycles a second: additions that each wait for the one before take a cycle apiece.
double clock_rate() {
  static const double rate = [] {
    double best = 0;
    for (int attempt = 0; attempt < 20; ++attempt) {
      const auto start = std::chrono::steady_clock::now();
      std::uint64_t sum = 1;
      constexpr int additions = 1 << 20;
#pragma GCC unroll 16
      for (int i = 0; i < additions; ++i) {
        sum += 3;
        asm volatile("" : "+r"(sum));
      }
      best =
          std::max(best, additions / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
  }();
  return rate;
}

/// What the loop after its construction takes for each register, in processor time.
class Stopwatch {
 public:
  void report(benchmark::State& state, double registers) const {
    const double seconds = static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC;
    const double each = seconds / (static_cast<double>(state.iterations()) * registers);
    state.counters["ns/register"] = each * 1e9;
    state.counters["cycles/register"] = each * clock_rate();
  }

 private:
  std::clock_t start_ = (clock_rate(), std::clock());
};

/// Numbers in (0, 1), with the alignment of packs.
Eigen::ArrayXf numbers(Index count) { return Eigen::ArrayXf::Random(count).abs() * 0.98F + 0.01F; }

template <Layout L>
FeatureMap<Pack, L> map_of(Eigen::ArrayXf& memory) {
  return FeatureMap<Pack, L>(reinterpret_cast<Pack*>(memory.data()));
}

/// A loss and its gradient, on a flat sample of 100 features or an image.
template <Shape S, bool Logits, class Loss>
void loss(const Loss& each) {
  const auto run = [each](benchmark::State& state) {
    constexpr Layout layout{S};
    Eigen::ArrayXf y = numbers(layout.size() * Pack::lanes), target = y.reverse(), dy = y;
    const FeatureMap<const Pack, layout> from = map_of<layout>(y), to = map_of<layout>(target);
    const Sink<Pack, layout, Activate<linear>> gradient(map_of<layout>(dy), {});
    const Stopwatch stopwatch;
    for (auto _ : state) {
      benchmark::DoNotOptimize(each.template evaluate<Logits>(from, to, Pack(1), gradient));
      benchmark::ClobberMemory();
    }
    stopwatch.report(state, static_cast<double>(S.size() * Pack::registers));
  };
  benchmark::RegisterBenchmark(("loss/" + std::string(Loss::name) + (Logits ? "/logits" : "")).c_str(), run);
}

template <class Activation>
void activation(const Activation& f) {
  const auto run = [f](benchmark::State& state, bool backward) {
    constexpr Index count = 128;
    Eigen::ArrayXf z = numbers(count * Register::lanes) * 4 - 2, result = z;
    const Stopwatch stopwatch;
    for (auto _ : state) {
      for (Index k = 0; k < count; ++k) {
        const Register from = Register::load(z.data() + k * Register::lanes);
        const Register to = backward ? f.gradient(from, from) : f.value(from);
        to.store(result.data() + k * Register::lanes);
      }
      benchmark::ClobberMemory();
    }
    stopwatch.report(state, static_cast<double>(count));
  };
  for (const bool backward : {false, true})
    benchmark::RegisterBenchmark(("activation/" + std::string(f.name) + (backward ? "/gradient" : "")).c_str(), run,
                                 backward);
}

template <class Optimizer>
void optimizer(const Optimizer& each) {
  const auto run = [each](benchmark::State& state) {
    constexpr Index count = 64 * Register::lanes;
    constexpr int slots = Optimizer::slots;
    Eigen::ArrayXf parameters = numbers(count), gradient = numbers(count) / 10, memory = numbers(slots * count);
    const auto span = [](Eigen::ArrayXf& a, Index first) {
      return std::span<float>(a.data() + first, static_cast<std::size_t>(count));
    };
    std::array<std::span<float>, static_cast<std::size_t>(slots)> slot;
    for (std::size_t k = 0; k < slot.size(); ++k) slot[k] = span(memory, static_cast<Index>(k) * count);
    Index step = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
      each.template update<float>(span(parameters, 0), span(gradient, 0), slot, 1e-9, ++step);
      benchmark::ClobberMemory();
    }
    stopwatch.report(state, static_cast<double>(count / Register::lanes));
  };
  benchmark::RegisterBenchmark(("optimizer/" + std::string(Optimizer::name)).c_str(), run);
}

void noise(const std::string& name, const Corruption& each) {
  const auto run = [each](benchmark::State& state) {
    constexpr Index count = 784;
    Eigen::ArrayXf values = numbers(count);
    const Philox stream(Seed{1});
    std::ptrdiff_t sample = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
      each.apply(std::span(values.data(), static_cast<std::size_t>(count)), 0, ++sample, stream);
      benchmark::ClobberMemory();
    }
    stopwatch.report(state, static_cast<double>(count) / Register::lanes);
  };
  benchmark::RegisterBenchmark(("noise/" + name).c_str(), run);
}

}  // namespace

int main(int count, char** arguments) {
  constexpr Shape flat{100}, image{28, 28, 1};
  loss<flat, false>(MeanSquaredError{});
  loss<flat, false>(MeanAbsoluteError{});
  loss<flat, false>(Huber{});
  loss<flat, false>(LogCosh{});
  loss<flat, false>(BinaryCrossentropy{});
  loss<flat, true>(BinaryCrossentropy{});
  loss<image, false>(StructuralSimilarity{});

  activation(relu);
  activation(leaky_relu);
  activation(elu);
  activation(selu);
  activation(gelu);
  activation(silu);
  activation(softplus);
  activation(eigencoder::tanh);
  activation(sigmoid);
  activation(hard_sigmoid);

  optimizer(SGD{.momentum = 0.9});
  optimizer(RMSprop{});
  optimizer(Adagrad{});
  optimizer(Adam{});
  optimizer(AdamW{});
  optimizer(Adamax{});
  optimizer(Nadam{});

  noise("gaussian", GaussianNoise{.stddev = 0.5, .clip = true});
  noise("masking", MaskingNoise{.p = 0.3});
  noise("salt_and_pepper", SaltAndPepper{.p = 0.3});

  benchmark::Initialize(&count, arguments);
  benchmark::AddCustomContext("clock", std::to_string(clock_rate() * 1e-9) + " GHz");
  benchmark::RunSpecifiedBenchmarks();
}
