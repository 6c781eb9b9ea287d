#include <eigencoder/fusion/fuse.hpp>
#include <eigencoder/layers/conv2d.hpp>
#include <eigencoder/layers/conv2d_transpose.hpp>
#include <eigencoder/layers/max_pool2d.hpp>
#include <eigencoder/layers/up_sampling2d.hpp>
#include <eigencoder/models/sequential.hpp>
#include <eigencoder/random/philox.hpp>

#include "support/catch.hpp"
#include "support/feature_maps.hpp"

namespace test_fused_stages {

using namespace eigencoder;

namespace {

/// A bound layer with memory, between maps with the borders that it asks for.
template <class Layer_, class Pack>
struct Run {
  using Layer = Layer_;
  using Scalar = typename Pack::Scalar;
  static constexpr Layout X{Layer::input, Layer::input_border};
  static constexpr Layout DY{Layer::output, Layer::gradient_border};

  test::KernelMap<Pack, X> x;
  test::KernelMap<Pack, Layout{Layer::output}> y;
  test::KernelMap<Pack, DY> dy;
  test::KernelMap<Pack, Layout{Layer::input}> dx;
  test::Buffer<Scalar> panels{static_cast<std::size_t>(Layer::template panel_size<Pack>)};
  test::Buffer<Scalar> gradient_panels{static_cast<std::size_t>(Layer::template gradient_panel_size<Pack>)};
  test::Buffer<Scalar> cache{static_cast<std::size_t>(Layer::template cache_size<Pack> * Pack::lanes)};
  std::vector<Scalar> parameters;
  std::vector<Scalar> gradient = std::vector<Scalar>(static_cast<std::size_t>(parameter_count<Layer>));
  Context context;

  explicit Run(std::vector<Scalar> p) : parameters(std::move(p)) {}

  Arguments<Pack> arguments() {
    return {parameters, panels.data(), reinterpret_cast<Pack*>(cache.data()), &context, 0, Pack(1), nullptr};
  }
  template <auto F>
  void forward() {
    Layer::template pack<Pack>(parameters, panels.data());
    Layer::template forward<Pack>(arguments(), x.read(), Sink<Pack, Layout{Layer::output}, Activate<F>>(y.view(), {}));
  }
  void backward() {
    Layer::template backward<Pack>(arguments(), x.read(), y.read(), dy.read(), dx.sink(),
                                   Gradient<Pack>{gradient, gradient_panels.data()});
    Layer::template unpack<Pack>(gradient_panels.data(), std::span(gradient));
  }
};

/// cell by cell: to(c, i, j) = f(from(c, i, j)).
template <Shape S, class To, class From, class Function>
void copy(To& to, From& from, Function f) {
  for_each_cell(S, [&](Index c, Index i, Index j) { to(c, i, j) = f(c, i, j, from(c, i, j)); });
}

/// A pair of layers, the first with activation F and the second with activation G, against their stage.
template <class Pack, Shape In, class First, class Second>
void compare() {
  using A = typename First::template Layer<In>;
  using B = typename Second::template Layer<A::output>;
  using Stage = typename Fuse<A, B>::type;
  using Scalar = typename Pack::Scalar;
  constexpr auto f = network::activation_of<A>();
  constexpr auto g = network::activation_of<B>();
  constexpr auto after = network::activation_of<Stage>();
  STATIC_REQUIRE(Stage::input == A::input);
  STATIC_REQUIRE(Stage::output == B::output);
  STATIC_REQUIRE(parameter_count<Stage> == parameter_count<A> + parameter_count<B>);

  test::Random random;
  const std::vector<Scalar> parameters = random.values<Scalar>(static_cast<std::size_t>(parameter_count<Stage>));
  test::KernelMap<Pack, Layout{In}> input(random);
  test::KernelMap<Pack, Layout{B::output}> upstream(random);
  Run<A, Pack> a(parameter_count<A> > 0 ? parameters : std::vector<Scalar>());
  Run<B, Pack> b(parameter_count<B> > 0 ? parameters : std::vector<Scalar>());
  Run<Stage, Pack> stage(parameters);

  const auto same_value = [](Index, Index, Index, Pack value) { return value; };
  // Rounded, so that there are equal cells in a window.
  const auto rounded = [](Index, Index, Index, Pack value) {
    return value.map([](Scalar v) { return std::round(2 * v) / 2; });
  };
  copy<In>(a.x, input, rounded);
  copy<In>(stage.x, input, rounded);
  a.template forward<f>();
  copy<A::output>(b.x, a.y, same_value);
  b.template forward<g>();
  stage.template forward<after>();
  const double tolerance = sizeof(Scalar) == 4 ? 1e-4 : 1e-12;
  REQUIRE(test::distance(stage.y, b.y) < tolerance);

  copy<B::output>(b.dy, upstream, [&](Index c, Index i, Index j, Pack d) { return g.gradient(d, b.y(c, i, j)); });
  b.backward();
  copy<A::output>(a.dy, b.dx, [&](Index c, Index i, Index j, Pack d) { return f.gradient(d, a.y(c, i, j)); });
  a.backward();
  copy<B::output>(stage.dy, upstream,
                  [&](Index c, Index i, Index j, Pack d) { return after.gradient(d, stage.y(c, i, j)); });
  stage.backward();
  REQUIRE(test::distance(stage.dx, a.dx) < tolerance);
  const std::vector<Scalar>& expected = parameter_count<A> > 0 ? a.gradient : b.gradient;
  for (std::size_t k = 0; k < expected.size(); ++k)
    REQUIRE(stage.gradient[k] == test::Approx(expected[k]).margin(100 * tolerance));
}

}  // namespace

TEMPLATE_TEST_CASE("an enlargement and a convolution are their stage", "", (Pack<float, 1>), (Pack<double, 2>)) {
  using P = TestType;
  compare<P, Shape{4, 5, 3}, UpSampling2D<2>, Conv2D<4, 3, relu, same>>();
  compare<P, Shape{4, 5, 2}, UpSampling2D<2>, Conv2D<1, 3, sigmoid>>();
  compare<P, Shape{3, 4, 1}, UpSampling2D<3>, Conv2D<5, 2, same, use_bias(false)>>();
  compare<P, Shape{3, 2, 2}, UpSampling2D<Size{2, 4}>, Conv2D<2, Size{5, 1}>>();
}

TEMPLATE_TEST_CASE("a convolution and pooling are their stage, equal cells included", "", (Pack<float, 1>),
                   (Pack<double, 2>)) {
  using P = TestType;
  compare<P, Shape{6, 8, 1}, Conv2D<16, 3, relu, same>, MaxPool2D<2>>();
  compare<P, Shape{7, 7, 3}, Conv2D<8, 3, relu, same>, MaxPool2D<2, same>>();
  compare<P, Shape{8, 9, 2}, Conv2D<3, 3>, MaxPool2D<2>>();
  compare<P, Shape{9, 7, 2}, Conv2D<5, 2, leaky_relu, same, use_bias(false)>, MaxPool2D<2, same>>();
  compare<P, Shape{9, 9, 2}, Conv2D<2, 5, eigencoder::tanh>, MaxPool2D<2, same>>();
  compare<P, Shape{6, 9, 1}, Conv2D<2, 3, relu, same>, MaxPool2D<Size{1, 3}>>();
  compare<P, Shape{6, 6, 2}, Conv2D<2, 3, elu(0.5)>, MaxPool2D<2>>();
  compare<P, Shape{9, 6, 1}, Conv2D<2, 3, stride(2), same>, MaxPool2D<Size{2, 1}, same>>();
}

namespace {

/// f(z) = z^3, an activation of a user's own.
struct Cube : ActivationOption {
  [[maybe_unused]] static constexpr std::string_view name = "cube";
  [[maybe_unused]] static constexpr bool from_output = false;
  static constexpr bool monotone = true;

  template <class T>
  static T value(T z) {
    return z * z * z;
  }
  template <class T>
  static T gradient(T dy, T z) {
    return dy * T(3) * z * z;
  }
};

}  // namespace

TEST_CASE("whatever activation says that it is monotone is taken after the maximum") {
  const auto fused = []<class F>(F) {
    using First = typename Conv2D<3, 3, F{}>::template Layer<Shape{8, 8, 2}>;
    return Fuse<First, typename MaxPool2D<2>::template Layer<First::output>>::applies;
  };
  CHECK(fused(linear));
  CHECK(fused(relu));
  CHECK(fused(relu6));
  CHECK(fused(leaky_relu));
  CHECK(fused(elu));
  CHECK(fused(selu));
  CHECK(fused(sigmoid));
  CHECK(fused(hard_sigmoid));
  CHECK(fused(eigencoder::tanh));
  CHECK(fused(softplus));
  CHECK(fused(softsign));
  CHECK(fused(exponential));
  CHECK(fused(Cube{}));
  CHECK_FALSE(fused(silu));
  CHECK_FALSE(fused(gelu));
}

TEST_CASE("stages that would not be the same are left alone") {
  const auto fused = []<class A, class B, Shape In>(A, B, std::integral_constant<Shape, In>) {
    using First = typename A::template Layer<In>;
    return Fuse<First, typename B::template Layer<First::output>>::applies;
  };
  constexpr std::integral_constant<Shape, Shape{8, 8, 2}> in;
  CHECK(fused(Conv2D<3, 3, relu>{}, MaxPool2D<2>{}, in));
  CHECK(fused(UpSampling2D<2>{}, Conv2D<3, 3, relu>{}, in));
  CHECK_FALSE(fused(Conv2D<3, 3, gelu>{}, MaxPool2D<2>{}, in));
  CHECK_FALSE(fused(Conv2D<3, 3, relu>{}, MaxPool2D<2, stride(1)>{}, in));
  CHECK_FALSE(fused(UpSampling2D<2, bilinear>{}, Conv2D<3, 3, relu>{}, in));
  CHECK_FALSE(fused(UpSampling2D<2>{}, Conv2D<3, 3, stride(2)>{}, in));
  CHECK_FALSE(fused(UpSampling2D<2>{}, Conv2D<3, 3, dilation(2)>{}, in));
  CHECK_FALSE(fused(UpSampling2D<2>{}, Conv2DTranspose<3, 3>{}, in));
}

}  // namespace test_fused_stages
