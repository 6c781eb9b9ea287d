#include <eigencoder/eigencoder.hpp>
#include <eigencoder/inspect/image_quality.hpp>

#include "gradients/model_harness.hpp"

namespace test_structural_similarity {

using namespace eigencoder;

namespace {

/// (1 + sin(frequency k + phase)) / 2 at the k-th value.
double wave(Index k, double frequency, double phase) {
  return 0.5 + 0.5 * std::sin(frequency * static_cast<double>(k) + phase);
}

template <class Pack, Shape S>
void fill(test::Map<Pack, Layout{S}>& map, double frequency, double phase) {
  for (Index k = 0; k < S.size(); ++k)
    map.view()[k] = Pack(static_cast<typename Pack::Scalar>(wave(k, frequency, phase)));
}

/// SSIM of two waves, and of the first one and a mixture.
template <class Scalar, Shape S>
void check(double apart, double mixed) {
  using Pack = eigencoder::Pack<Scalar, 1>;
  test::Map<Pack, Layout{S}> y, target, mixture;
  fill<Pack, S>(y, 0.7, 0);
  fill<Pack, S>(target, 0.3, 1);
  for (Index k = 0; k < S.size(); ++k)
    mixture.view()[k] = Pack(Scalar(0.9)) * y.view()[k] + Pack(Scalar(0.05)) * target.view()[k];
  const auto similarity = [&](auto& other) {
    const Pack loss = StructuralSimilarity{}.evaluate(y.read(), other.read(), Pack(1), NoSink<Pack, Layout{S}>{});
    return 1 - static_cast<double>(sum(loss)) / Pack::lanes;
  };
  CHECK(similarity(target) == test::Approx(apart).margin(2e-6));
  CHECK(similarity(mixture) == test::Approx(mixed).margin(2e-6));
  CHECK(similarity(y) == test::Approx(1).margin(sizeof(Scalar) == 4 ? 1e-5 : 1e-12));
}

/// SSIM by its definition: one channel, window by window, of an image of `height` x `width` and its target.
double similarity(const Matrix<double>& y, const Matrix<double>& t, double range) {
  Matrix<double> g(11, 11);
  for (Index u = 0; u < 11; ++u)
    for (Index v = 0; v < 11; ++v)
      g(u, v) = std::exp(-static_cast<double>((u - 5) * (u - 5) + (v - 5) * (v - 5)) / 4.5);
  g /= g.sum();
  const double c1 = 0.0001 * range * range, c2 = 0.0009 * range * range;
  double total = 0;
  for (Index i = 0; i + 11 <= y.rows(); ++i)
    for (Index j = 0; j + 11 <= y.cols(); ++j) {
      const Matrix<double> a = y.block(i, j, 11, 11), b = t.block(i, j, 11, 11);
      const auto mean = [&](const Matrix<double>& m) { return g.cwiseProduct(m).sum(); };
      const double ma = mean(a), mb = mean(b);
      const double va = mean(a.cwiseAbs2()) - ma * ma, vb = mean(b.cwiseAbs2()) - mb * mb;
      const double covariance = mean(a.cwiseProduct(b)) - ma * mb;
      total += (2 * ma * mb + c1) * (2 * covariance + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
    }
  return total / static_cast<double>((y.rows() - 10) * (y.cols() - 10));
}

using Encoder = Sequential<Shape{12, 13, 1}, Flatten, Dense<3, eigencoder::tanh>>;
using Decoder = Sequential<Encoder::output, Dense<156, sigmoid>, Reshape<Shape{12, 13, 1}>>;
using Model = Autoencoder<Encoder, Decoder, double>;

}  // namespace

// What TensorFlow 2.21 gives, in float:
//
//   import numpy as np, tensorflow as tf
//   def image(h, w, c, a, b): return .5 + .5 * np.sin(a * np.arange(h * w * c).reshape(1, h, w, c) + b)
//   for s in (11, 11, 1), (13, 17, 3), (28, 28, 1):
//       y, t = tf.constant(image(*s, .7, 0.)), tf.constant(image(*s, .3, 1.))
//       for other in t, .9 * y + .05 * t: print(tf.image.ssim(y, other, 1.).numpy(), tf.image.psnr(y,
//       other, 1.).numpy())
TEMPLATE_TEST_CASE("structural similarity is TensorFlow's", "", float, double) {
  check<TestType, Shape{11, 11, 1}>(0.0009791, 0.9927335);
  check<TestType, Shape{13, 17, 3}>(0.00276296, 0.9918208);
  check<TestType, Shape{28, 28, 1}>(0.00376959, 0.99173284);
}

TEST_CASE("structural similarity and the peak signal-to-noise ratio of a model are those of its images") {
  const Dataset images = test::smooth_samples(19, Shape{12, 13, 1});
  const Dataset others = test::smooth_samples(30, Shape{12, 13, 1}).slice(11, 19);
  const Model model{Seed{1}};
  const Matrix<double> y = model.reconstruct(images);
  for (const Dataset& targets : {Dataset(), others}) {
    const Matrix<double> t = (targets.empty() ? images : targets).matrix<double>();
    double expected = 0, ratio = 0;
    for (Index i = 0; i < 19; ++i) {
      const Matrix<double> a = Eigen::Map<const Matrix<double>>(y.row(i).data(), 12, 13);
      const Matrix<double> b = Eigen::Map<const Matrix<double>>(t.row(i).data(), 12, 13);
      expected += similarity(a, b, 2) / 19;
      ratio += 10 * std::log10(4 / (a - b).cwiseAbs2().mean()) / 19;
    }
    CHECK(structural_similarity(model, images, targets, 2) == test::Approx(expected).epsilon(1e-12));
    CHECK(peak_signal_to_noise_ratio(model, images, targets, 2, 3) == test::Approx(ratio).epsilon(1e-12));
  }
}

TEST_CASE("the peak signal-to-noise ratio is TensorFlow's") {
  // A model that gives the constant sigmoid(0) = 1/2, whatever it sees: tf.image.psnr(image(11, 11, 1, .7, 0.), .5, 1.)
  using Constant = Autoencoder<Sequential<Shape{11, 11, 1}, Flatten, Dense<2, zeros>>,
                               Sequential<Shape{2}, Dense<121, zeros, sigmoid>, Reshape<Shape{11, 11, 1}>>>;
  Matrix<float> x(1, 121);
  for (Index k = 0; k < 121; ++k) x(0, k) = static_cast<float>(wave(k, 0.7, 0));
  CHECK(peak_signal_to_noise_ratio(Constant{}, x) == test::Approx(9.026254).epsilon(1e-6));
}

TEST_CASE("structural similarity can be trained on") {
  const Dataset images = test::smooth_samples(40, Shape{12, 13, 1});
  Model model{Seed{1}};
  test::check_model_gradient(model, Samples(images), StructuralSimilarity{}, {.threads = 2, .stride = 23});
  const double before = structural_similarity(model, images);
  fit(model, images, StructuralSimilarity{}, Adam{.learning_rate = 0.01}, {.epochs = 30, .progress = false});
  CHECK(structural_similarity(model, images) > before + 0.2);
}

TEST_CASE("a dynamic range that is not positive is refused, and so are targets that do not fit") {
  const Dataset images = test::smooth_samples(5, Shape{12, 13, 1});
  Model model;
  CHECK_THROWS_AS(fit(model, images, StructuralSimilarity{.dynamic_range = 0}, SGD{}, {.progress = false}),
                  std::invalid_argument);
  CHECK_THROWS_AS(peak_signal_to_noise_ratio(model, images, {}, -1), std::invalid_argument);
  CHECK_THAT(
      test::message_of<std::invalid_argument>([&] { (void)structural_similarity(model, images, images.slice(0, 4)); }),
      test::contains("4 targets for 5 samples"));
  CHECK_THROWS_AS(structural_similarity(model, Dataset()), std::invalid_argument);
}

}  // namespace test_structural_similarity
