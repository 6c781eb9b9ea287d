#include <eigencoder/eigencoder.hpp>
#include <thread>

#include "support/catch.hpp"
#include "support/single_layer.hpp"

namespace test_predictor {

using namespace eigencoder;
using test::Approx;

namespace {

template <class Scalar>
Matrix<Scalar> noise(Index rows, Index columns, Seed seed = {}) {
  Random random(seed);
  return Matrix<Scalar>::NullaryExpr(rows, columns, [&] { return random.template normal<Scalar>(); });
}

/// A model whose biases and scales are not what they start as either.
template <class Model>
Model random_model() {
  Model model{Seed{3}};
  Random random(Seed{4});
  for (auto& value : model.parameters()) value += typename Model::Scalar(0.1) * random.normal<typename Model::Scalar>();
  return model;
}

template <class Scalar>
bool near(const Matrix<Scalar>& a, const Matrix<Scalar>& b) {
  return a.isApprox(b, sizeof(Scalar) == 4 ? Scalar(1e-5) : Scalar(1e-13));
}

/// encode, decode, reconstruct and the error, one by one, against the model's own.
template <class Model>
void check_agrees() {
  using Scalar = typename Model::Scalar;
  const Model model = random_model<Model>();
  constexpr Index count = 3;
  constexpr bool labelled = Model::Network::template classes<0, Model::Network::count>() > 0;
  const Matrix<Scalar> x = noise<Scalar>(count, Model::input.size());
  const std::vector<int> labels{1, 0, 1};
  const auto with_labels = [&](const Matrix<Scalar>& rows) {
    return labelled ? Dataset(rows).with_labels(labels) : Dataset(rows);
  };
  const Matrix<Scalar> h = model.encode(with_labels(x)), y = model.reconstruct(with_labels(x));
  const Vector<Scalar> errors = model.reconstruction_error(with_labels(x));

  Predictor predictor(model);
  Matrix<Scalar> own_h(h.rows(), h.cols()), own_y(y.rows(), y.cols()), decoded(y.rows(), y.cols());
  const auto row = [](auto& matrix, Index i) {
    return std::span(matrix.row(i).data(), static_cast<std::size_t>(matrix.cols()));
  };
  for (Index i = 0; i < count; ++i) {
    std::optional<int> label;
    if (labelled) label = labels[static_cast<std::size_t>(i)];
    predictor.encode(row(x, i), row(own_h, i), label);
    predictor.reconstruct(row(x, i), row(own_y, i), label);
    predictor.decode(row(h, i), row(decoded, i), label);
    CHECK(predictor.reconstruction_error(row(x, i), label) ==
          Approx(errors[i]).epsilon(sizeof(Scalar) == 4 ? 1e-5 : 1e-12));
  }
  CHECK(near(own_h, h));
  CHECK(near(own_y, y));
  CHECK(near(decoded, y));
}

/// A layer that knows nothing of the second layout, with a border, a panel, a cache, parameters and an activation.
struct Neighbours {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "Neighbours";
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    static constexpr auto activation = sigmoid;
    static constexpr std::array tensors{Tensor{"scale", In.channels}};
    static constexpr Border input_border{.left = 1};
    template <class Pack>
    static constexpr Index panel_size = In.channels;
    template <class Pack>
    static constexpr Index cache_size = 1;

    template <class Pack>
    static void pack(std::span<const typename Pack::Scalar> parameters, typename Pack::Scalar* panels) {
      for (std::size_t c = 0; c < parameters.size(); ++c) panels[c] = 2 * parameters[c];
    }
    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      for_each_cell(In, [&](Index c, Index i, Index j) {
        a.cache[0] = x(c, i, j) - x(c, i, j - 1) + Pack(a.parameters[static_cast<std::size_t>(c)]);
        y(c, i, j) = Pack(a.panels[c]) * a.cache[0];
      });
    }
    template <class Pack, Layout X, Layout Y, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, Y>,
                         FeatureMap<const Pack, DY>, DX, Gradient<Pack>) {}
  };
};

template <class Scalar, class Encoder, class... Decoding>
using Model = Autoencoder<Encoder, Sequential<Encoder::output, Decoding...>, Scalar>;

}  // namespace

TEMPLATE_TEST_CASE("a predictor agrees with its model: dense models", "", float, double) {
  check_agrees<
      Model<TestType, Sequential<Shape{37}, Dense<21, gelu>, Dropout<0.5>, LayerNormalization, Dense<5>, TopK<3>>,
            Activation<elu>, Dense<37, sigmoid, use_bias(false)>>>();
  check_agrees<Model<TestType, Sequential<Shape{12}, Contractive<Dense<7, sigmoid>, 0.1>>, Dense<12>>>();
  check_agrees<VariationalAutoencoder<Sequential<Shape{12}, ConcatenateLabel<2>, Dense<9, activations::tanh>>,
                                      Sequential<Shape{3}, ConcatenateLabel<2>, Dense<12, sigmoid>>, 3, TestType>>();
}

TEMPLATE_TEST_CASE("a predictor agrees with its model: images", "", float, double) {
  check_agrees<
      Model<TestType, Sequential<Shape{7, 6, 2}, Conv2D<20, 3, relu, same, stride(2)>, AveragePool2D<2, same>, Flatten>,
            Reshape<Shape{2, 2, 20}>, Conv2DTranspose<18, 3, softplus, stride(2)>, LayerNormalization,
            Cropping2D<Border{.top = 1}>, UpSampling2D<2, bilinear>, UpSampling2D<Size{1, 2}>,
            MaxPool2D<Size{2, 3}, stride(1, 3)>, Conv2D<2, 1, sigmoid, dilation(2)>>>();
  check_agrees<Model<TestType, Sequential<Shape{4, 4, 3}, ZeroPadding2D<1>, Conv2D<4, 3, silu>, VectorQuantizer<5>>,
                     Neighbours, UpSampling2D<2>, Conv2D<3, 5>, Dropout<0.5>>>();
}

namespace {

/// A convolution as its formula, in double; what it sums through which tap is the first layout's geometry.
template <class Layer>
Matrix<float> naive_convolution(const std::vector<float>& parameters, const Matrix<float>& x) {
  constexpr Shape in = Layer::input, out = Layer::output;
  constexpr auto axes = Layer::geometry;
  constexpr kernels::Reach rows{axes.rows, Layer::transposed}, columns{axes.columns, Layer::transposed};
  Matrix<float> y(x.rows(), out.size());
  for (Index n = 0; n < x.rows(); ++n)
    for_each_cell(out, [&](Index o, Index q, Index r) {
      double sum = parameters[static_cast<std::size_t>(Layer::bias_at + o)];
      for_each_cell(in, [&](Index c, Index i, Index j) {
        const Index u = rows.tap(q, i), v = columns.tap(r, j);
        if (u < 0 || v < 0) return;
        const auto [fine, coarse] = Layer::transposed ? std::pair(o, c) : std::pair(c, o);
        const Index channels = Layer::transposed ? in.channels : out.channels;
        const Index fines = Layer::transposed ? out.channels : in.channels;
        const Index weight = ((u * axes.columns.kernel + v) * fines + fine) * channels + coarse;
        sum +=
            double{parameters[static_cast<std::size_t>(weight)]} * double{x(n, (i * in.width + j) * in.channels + c)};
      });
      y(n, (q * out.width + r) * out.channels + o) = static_cast<float>(sum);
    });
  return y;
}

template <class Unbound, Shape In>
void check_convolution() {
  using Layer = typename Unbound::template Layer<In>;
  CAPTURE(Layer::details(), In.channels, Layer::output.channels);
  const Matrix<float> values = noise<float>(1, parameter_count<Layer>, Seed{1});
  const std::vector<float> parameters(values.data(), values.data() + values.size());
  const Matrix<float> x = noise<float>(2, In.size(), Seed{2});
  CHECK(near(test::run_single<Layer>(parameters, x), naive_convolution<Layer>(parameters, x)));
}

template <Index In, Index Out>
void check_dense() {
  CAPTURE(In, Out);
  const Matrix<float> w = noise<float>(In, Out, Seed{1}), b = noise<float>(1, Out, Seed{2});
  std::vector<float> parameters(w.data(), w.data() + w.size());
  parameters.insert(parameters.end(), b.data(), b.data() + Out);
  const Matrix<float> x = noise<float>(2, In, Seed{3});
  CHECK(near<float>(test::run_single<typename Dense<Out>::template Layer<Shape{In}>>(parameters, x),
                    (x * w).rowwise() + b.row(0)));
}

}  // namespace

TEST_CASE("channels as lanes: convolutions are their formula for any number of channels") {
  check_convolution<Conv2D<53, 3, same>, Shape{5, 4, 16}>();
  check_convolution<Conv2D<32, Size{1, 3}, stride(2, 1)>, Shape{5, 9, 3}>();
  check_convolution<Conv2D<1, 3, same>, Shape{6, 19, 16}>();
  check_convolution<Conv2D<6, 3, dilation(2, 1), same>, Shape{6, 7, 8}>();
  check_convolution<Conv2D<7, 3, dilation(1, 3), stride(2), same>, Shape{6, 7, 4}>();
  check_convolution<Conv2DTranspose<48, 3, stride(2), same>, Shape{3, 4, 5}>();
  check_convolution<Conv2DTranspose<2, 2, stride(3)>, Shape{3, 5, 8}>();
  check_convolution<Conv2DTranspose<8, Size{5, 3}, stride(2, 3), same>, Shape{4, 3, 6}>();
}

TEST_CASE("channels as lanes: a dense layer is a matrix product of any size") {
  check_dense<1, 1>();
  check_dense<3, 7>();
  check_dense<17, 64>();
  check_dense<9, 300>();
  check_dense<64, 31>();
}

TEST_CASE("channels as lanes: of equal codes the first, of NaN what it is") {
  using Layer = VectorQuantizer<40>::Layer<Shape{2, 1, 3}>;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> codebook(40 * 3, 9.0F);
  for (const std::size_t k : {std::size_t{37}, std::size_t{20}, std::size_t{5}})
    codebook[3 * k] = 0;  // the same, in several blocks of any width
  for (std::size_t c = 0; c < 3; ++c) codebook[3 * 39 + c] = static_cast<float>(c);
  Matrix<float> x(1, 6), y(1, 6);
  x << 0.1F, 1, 2.2F, 0.2F, 9, 8;
  y << 0, 1, 2, 0, 9, 9;
  CHECK(test::run_single<Layer>(codebook, x) == y);
  x(0, 4) = nan;
  CHECK(std::isnan(test::run_single<Layer>(codebook, x)(0, 4)));

  Matrix<float> values(1, 6), kept(1, 6);
  values << -3, -1, std::numeric_limits<float>::infinity(), -1, -2, -std::numeric_limits<float>::infinity();
  kept << 0, -1, std::numeric_limits<float>::infinity(), -1, 0, 0;
  CHECK(test::run_single<TopK<2>::Layer<Shape{6}>>(std::vector<float>{}, values) == kept);
  values(0, 0) = nan;
  CHECK(std::isnan(test::run_single<TopK<2>::Layer<Shape{6}>>(std::vector<float>{}, values)(0, 0)));
}

namespace {

using Small = Autoencoder<Sequential<Shape{6, 6, 1}, Conv2D<3, 3, relu, same>, MaxPool2D<2>, Flatten, Dense<5>>,
                          Sequential<Shape{5}, Dense<36, sigmoid>, Reshape<Shape{6, 6, 1}>>>;

}  // namespace

TEST_CASE("a model of large images predicts as a predictor does, whatever the number of samples and threads") {
  using Large = Autoencoder<Sequential<Shape{128, 128, 1}, Conv2D<4, 3, relu, same>, MaxPool2D<8>>,
                            Sequential<Shape{16, 16, 4}, UpSampling2D<8>, Conv2D<1, 3, sigmoid, same>>>;
  STATIC_REQUIRE(Large::predicts_one_by_one);
  STATIC_REQUIRE_FALSE(Small::predicts_one_by_one);
  const Large model = random_model<Large>();
  CHECK_THAT(summary(model), Catch::Contains("one sample at a time"));
  CHECK_THAT(summary(Small{}), !Catch::Contains("one sample at a time"));
  const Matrix<float> x = noise<float>(5, 128 * 128), h = model.encode(x), y = model.reconstruct(x, 2);
  Predictor predictor(model);
  Matrix<float> own(1, 128 * 128);
  for (Index i = 0; i < 5; ++i) {
    predictor.reconstruct(std::span(x.row(i).data(), 128 * 128), std::span(own.data(), 128 * 128));
    CHECK(own == y.row(i));
    CHECK(model.reconstruct(x.middleRows(i, 1)) == y.row(i));
  }
  CHECK(model.decode(h) == y);
  // Scores are the first layout's.
  const Vector<float> errors = model.reconstruction_error(x);
  CHECK(Matrix<float>(errors.transpose())
            .isApprox((y - x).array().square().rowwise().mean().matrix().transpose(), 1e-5F));
}

TEST_CASE("a predictor keeps the parameters of its construction until it takes new ones") {
  Small model = random_model<Small>();
  const Matrix<float> x = noise<float>(1, 36), before = model.encode(x);
  Predictor predictor(model);
  for (float& value : model.parameters()) value = -value;
  std::array<float, 5> h{};
  const auto code = [&] { return Matrix<float>(Eigen::Map<const Matrix<float>>(h.data(), 1, 5)); };
  predictor.encode(std::span(x.data(), 36), h);
  CHECK(near(code(), before));
  predictor.refresh(model);
  predictor.encode(std::span(x.data(), 36), h);
  CHECK(near(code(), model.encode(x)));
  CHECK_FALSE(near(code(), before));

  const Small other = std::move(model);
  CHECK_THROWS_WITH(Predictor(model), Catch::Contains("moved from"));  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a predictor may be shared by threads with a workspace each") {
  const Small model = random_model<Small>();
  const Predictor predictor(model);
  const Matrix<float> x = noise<float>(200, 36), y = model.reconstruct(x);
  Matrix<float> own(200, 36);
  std::vector<std::thread> threads;
  for (Index id = 0; id < 2; ++id)
    threads.emplace_back([&, id] {
      Predictor<Small>::Workspace workspace;
      for (Index i = id; i < 200; i += 2)
        predictor.reconstruct(std::span(x.row(i).data(), 36), std::span(own.row(i).data(), 36), workspace);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(near(own, y));
  static_assert(noexcept(predictor.reconstruct({}, {}, std::declval<Predictor<Small>::Workspace&>())));
}

TEST_CASE("a predictor leaves the border zero, and lets NaN be seen once") {
  const Small model = random_model<Small>();
  Predictor predictor(model);
  Matrix<float> x = noise<float>(1, 36);
  std::array<float, 5> h{};
  x(0, 14) = std::numeric_limits<float>::quiet_NaN();
  predictor.encode(std::span(x.data(), 36), h);
  CHECK(std::isnan(h[0]));
  CHECK(std::isnan(predictor.reconstruction_error(std::span(x.data(), 36))));
  x(0, 14) = 1;
  predictor.encode(std::span(x.data(), 36), h);
  CHECK(near<float>(Eigen::Map<const Matrix<float>>(h.data(), 1, 5), model.encode(x)));
}

}  // namespace test_predictor
