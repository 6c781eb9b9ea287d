#include <cmath>
#include <eigencoder/layers/dropout.hpp>
#include <eigencoder/layers/layer_normalization.hpp>
#include <map>

#include "gradients/harness.hpp"

namespace test_noise_layers {

using namespace eigencoder;

namespace {

constexpr Shape image{5, 3, 2};
constexpr Layout layout{image};
using Plain = Activate<linear>;

/// What Dropout<0.3> makes of ones, by sample and feature.
template <class Pack>
std::map<std::pair<Index, Index>, double> dropped(const std::vector<Index>& samples, Context context, int layer) {
  test::Map<Pack, layout> x, y;
  x.fill([] { return typename Pack::Scalar(1); });
  context.samples = samples;
  Dropout<0.3>::Layer<image>::forward<Pack>({{}, nullptr, nullptr, &context, layer, Pack(1), nullptr}, x.read(),
                                            Sink<Pack, layout, Plain>(y.view(), {}));
  std::map<std::pair<Index, Index>, double> values;
  for (std::size_t l = 0; l < std::min<std::size_t>(samples.size(), Pack::lanes); ++l)
    for (Index k = 0; k < image.size(); ++k)
      values[{samples[l], k}] = static_cast<double>(reinterpret_cast<typename Pack::Scalar*>(&y.view()[k])[l]);
  return values;
}

const Context training_context{.training = true, .seed = Seed{3}, .epoch = 2};

}  // namespace

TEST_CASE("dropout is the same for a sample in whatever lane, width and precision") {
  const auto all = dropped<Pack<float, 2>>({50, 51, 52, 53}, training_context, 1);
  const auto one = dropped<Pack<double, 1>>({52}, training_context, 1);
  for (Index k = 0; k < image.size(); ++k) REQUIRE(all.at({52, k}) == test::Approx(one.at({52, k})));
}

TEST_CASE("dropout keeps 1 - rate of the values and their mean") {
  double mean = 0;
  int kept = 0, count = 0;
  for (Index sample = 0; sample < 2000; ++sample)
    for (const auto& [key, value] : dropped<Pack<double, 1>>({sample}, training_context, 1)) {
      REQUIRE((value == 0 || value == test::Approx(1 / 0.7)));
      mean += value;
      kept += value != 0;
      ++count;
    }
  REQUIRE(mean / count == test::Approx(1).epsilon(0.01));
  REQUIRE(static_cast<double>(kept) / count == test::Approx(0.7).epsilon(0.01));
}

TEST_CASE("dropout differs with the seed, the epoch, the layer and the sample, and rests outside of training") {
  using P = Pack<float, 1>;
  const auto values = [](Context context, int layer, Index sample) {
    std::vector<double> all;
    for (const auto& [key, value] : dropped<P>({sample}, context, layer)) all.push_back(value);
    return all;
  };
  const auto base = values(training_context, 1, 7);
  REQUIRE(base == values(training_context, 1, 7));
  REQUIRE(base != values(training_context, 1, 8));
  REQUIRE(base != values(training_context, 2, 7));
  Context other = training_context;
  other.epoch = 3;
  REQUIRE(base != values(other, 1, 7));
  other = training_context;
  other.seed = Seed{4};
  REQUIRE(base != values(other, 1, 7));
  other.training = false;
  REQUIRE(values(other, 1, 7) == std::vector<double>(static_cast<std::size_t>(image.size()), 1.0));
}

TEST_CASE("LayerNormalization starts by giving each cell's channels mean 0 and variance almost 1") {
  using P = Pack<double, 1>;
  constexpr Shape shape{2, 2, 6};
  using Layer = LayerNormalization::Layer<shape>;
  std::vector<double> parameters(12, test::nan);
  Random random(Seed{1});
  Layer::initialize(std::span(parameters), random);
  test::Map<P, Layout{shape}> x, y;
  x.fill([&] { return 3 + 2 * random.normal<double>(); });
  test::Packs<P> cache(Layer::cache_size<P>);
  const Context context{};
  Layer::forward<P>({parameters, nullptr, cache.data(), &context, 0, P(1), nullptr}, x.read(),
                    Sink<P, Layout{shape}, Plain>(y.view(), {}));
  for_each_cell({2, 2, 1}, [&](Index, Index i, Index j) {
    double mean = 0, square = 0, mean_x = 0, square_x = 0;
    for (Index c = 0; c < 6; ++c) {
      mean += y.at(c, i, j, 0) / 6;
      square += y.at(c, i, j, 0) * y.at(c, i, j, 0) / 6;
      mean_x += x.at(c, i, j, 0) / 6;
      square_x += x.at(c, i, j, 0) * x.at(c, i, j, 0) / 6;
    }
    const double variance = square_x - mean_x * mean_x;
    REQUIRE(mean == test::Approx(0).margin(1e-12));
    REQUIRE(square == test::Approx(variance / (variance + 1e-3)).epsilon(1e-10));
  });
}

}  // namespace test_noise_layers
