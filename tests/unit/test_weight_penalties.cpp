#include <eigencoder/eigencoder.hpp>
#include <eigencoder/fusion/fuse.hpp>

#include "gradients/model_harness.hpp"

namespace test_weight_penalties {

using namespace eigencoder;

namespace {

using PlainEncoder = Sequential<Shape{20}, Dense<7, relu>>;
using PlainDecoder = Sequential<Shape{7}, Dense<20, sigmoid>>;
using Plain = Autoencoder<PlainEncoder, PlainDecoder, double>;
using Decayed = Autoencoder<Sequential<Shape{20}, Dense<7, relu, l1(0.03)>>,
                            Sequential<Shape{7}, Dense<20, l1_l2(0.01, 0.02), sigmoid>>, double>;

/// The penalties' value and gradient in plain algebra: of the parameters, 140 weights, 7 biases, 140 weights, 20
/// biases.
struct Reference {
  double value = 0;
  std::vector<double> gradient = std::vector<double>(307);

  explicit Reference(std::span<const double> p) {
    add(p, 0, 0.03, 0);
    add(p, 147, 0.01, 0.02);
  }
  void add(std::span<const double> p, std::size_t first, double l1, double l2) {
    for (std::size_t k = first; k < first + 140; ++k) {
      value += l1 * std::abs(p[k]) + l2 * p[k] * p[k];
      gradient[k] = l1 * (p[k] > 0 ? 1 : p[k] < 0 ? -1 : 0) + 2 * l2 * p[k];
    }
  }
};

}  // namespace

TEST_CASE("penalties on kernels add their value to the loss and their gradient once a step") {
  const int threads = GENERATE(1, 2, 3, 5);
  const Index count = GENERATE(1, 67);
  const Samples data(test::smooth_samples(count, Shape{20}));
  Decayed penalized{Seed{3}};
  penalized.parameters()[5] = 0;  // where the derivative is 0
  Plain plain{Seed{4}};
  std::ranges::copy(penalized.parameters(), plain.parameters().begin());
  const Reference expected(std::as_const(penalized).parameters());

  const test::ModelCheck check{.threads = threads};
  const auto with = test::gradient_of(penalized, data, MeanSquaredError{}, check);
  const auto without = test::gradient_of(plain, data, MeanSquaredError{}, check);
  for (std::size_t k = 0; k < with.size(); ++k)
    CHECK(with[k] == test::Approx(without[k] + expected.gradient[k]).margin(1e-14));

  std::vector<Index> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), Index{0});
  Trainer a(penalized, MeanSquaredError{}, SGD{}, Seed{}, threads);
  Trainer b(plain, MeanSquaredError{}, SGD{}, Seed{}, threads);
  CHECK(a.evaluate(data) == test::Approx(b.evaluate(data) + expected.value).epsilon(1e-13));
  const StepResult taken = a.step(data, numbers);
  CHECK(taken.loss == test::Approx(b.step(data, numbers) + expected.value).epsilon(1e-13));
  double told = 0;
  for (const Metric& metric : taken.metrics)
    if (metric.name == "weight_penalty") told = metric.value;
  CHECK(told == test::Approx(expected.value).epsilon(1e-13));
}

TEST_CASE("a penalty in float is the one in double") {
  const Dataset data = test::smooth_samples(40, Shape{20});
  const auto train = [&]<class Scalar>(Scalar) {
    Autoencoder<Decayed::Encoder, Decayed::Decoder, Scalar> model{Seed{3}};
    return fit(model, data, MeanSquaredError{}, SGD{.learning_rate = 0.1},
               {.epochs = 5, .batch_size = 8, .threads = 2, .progress = false});
  };
  const History in_float = train(0.0F), in_double = train(0.0);
  for (std::size_t epoch = 0; epoch < 5; ++epoch) {
    CHECK(in_float.loss[epoch] == test::Approx(in_double.loss[epoch]).epsilon(1e-5));
    CHECK(in_float.metrics.at("weight_penalty")[epoch] ==
          test::Approx(in_double.metrics.at("weight_penalty")[epoch]).epsilon(1e-5));
  }
}

TEST_CASE("convolutions, transposed or fused with their neighbours, keep the penalty on their kernel") {
  using Encoder = Sequential<Shape{6, 6, 1}, Conv2D<3, 3, relu, same, l2(0.5)>, MaxPool2D<2>>;
  using Decoder = Sequential<Shape{3, 3, 3}, UpSampling2D<2>, Conv2D<2, 3, same, l1(0.25), relu>,
                             Conv2DTranspose<1, 3, same, l2()>>;
  using Model = Autoencoder<Encoder, Decoder, double>;
  static_assert(Model::Network::count == 3, "the pairs are fused");
  const Model model{Seed{2}};
  const Samples data(test::smooth_samples(20, Shape{6, 6, 1}));
  test::check_model_gradient(model, data, MeanSquaredError{}, {.threads = 2});

  const auto tensors = Model::tensors();
  const auto p = model.parameters();
  double penalty = 0;
  for (const NamedTensor& tensor : tensors)
    for (Index k = tensor.offset; k < tensor.offset + tensor.size(); ++k) {
      const double w = p[static_cast<std::size_t>(k)];
      if (tensor.name == "encoder.0.kernel") penalty += 0.5 * w * w;
      if (tensor.name == "decoder.1.kernel") penalty += 0.25 * std::abs(w);
      if (tensor.name == "decoder.2.kernel") penalty += 0.01 * w * w;
    }
  CHECK(evaluate(model, data.input, MeanSquaredError{}) ==
        test::Approx(model.reconstruction_error(data.input).mean() + penalty).epsilon(1e-12));
}

}  // namespace test_weight_penalties
