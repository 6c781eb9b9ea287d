/// Prints a hash of what each family of models computes, for scripts/test-bits to compare with what other compilers,
/// optimisation levels and instruction sets give: `infer <family> <hash>` of outputs, codes and errors, `train <family>
/// <hash>` of losses, metrics and parameters. Ends with an error if a number of threads, or a sample's place in its
/// batch, changes anything.

#include <eigencoder/core/hash.hpp>
#include <eigencoder/eigencoder.hpp>
#include <iostream>

/// The machine has 8 cores, whatever it has: no more threads work than that.
extern "C" int get_nprocs() { return 8; }

namespace {

using namespace eigencoder;

constexpr Index count = 150;

/// Numbers in [0, 1) that need no function of the C library.
Matrix<float> samples(Index features) {
  Random random(Seed{11}, Stream::parameters);
  return Matrix<float>::NullaryExpr(count, features, [&] { return static_cast<float>(random() >> 8) * 0x1p-24F; });
}

void require(bool same, const std::string& what, const std::string& family) {
  if (!same) throw std::runtime_error(family + ": not the same bits with another " + what);
}

template <class Model>
void infer(const std::string& family) {
  const Model model{Seed{3}};
  const Matrix<float> x = samples(Model::input.size());
  const auto of = [&](const Matrix<float>& data, Index threads) {
    return std::tuple(Matrix<float>(model.encode(data, threads)), Matrix<float>(model.reconstruct(data, threads)),
                      Vector<float>(model.reconstruction_error(data, MeanSquaredError{}, threads)));
  };
  const auto all = of(x, 1);
  const auto& [codes, outputs, errors] = all;
  for (const Index threads : {2, 3, 8}) require(of(x, threads) == all, "number of threads", family);
  const auto [some_codes, some_outputs, some_errors] = of(x.middleRows(35, 50), 1);
  require(some_codes == codes.middleRows(35, 50) && some_outputs == outputs.middleRows(35, 50) &&
              some_errors == errors.segment(35, 50),
          "place in the batch", family);
  Hash hash;
  const auto add = [&](const auto& values) {
    hash.add(std::span<const float>(values.data(), static_cast<std::size_t>(values.size())));
  };
  add(codes);
  add(outputs);
  add(errors);
  std::cout << "infer " << family << ' ' << hash.text() << std::endl;
}

template <class Model, class Loss, class Optimizer>
void train(const std::string& family, const Loss& loss, const Optimizer& optimizer, const FitOptions& options = {}) {
  const Matrix<float> x = samples(Model::input.size());
  const auto trained = [&](Index threads) {
    FitOptions own = options;
    own.epochs = 2;
    own.batch_size = 100;
    own.validation_split = 0.1;
    own.seed = Seed{7};
    own.threads = threads;
    own.progress = false;
    Model model{Seed{3}};
    const History history = fit(model, x, loss, optimizer, own);
    Hash hash;
    hash.add(std::as_const(model).parameters());
    hash.add(std::span<const double>(history.loss));
    hash.add(std::span<const double>(history.validation_loss));
    for (const auto& [name, values] : history.metrics) hash.add(std::span<const double>(values));
    return hash.text();
  };
  const std::string hash = trained(1);
  for (const Index threads : {2, 3, 8}) require(trained(threads) == hash, "number of threads", family);
  std::cout << "train " << family << ' ' << hash << std::endl;
}

template <class Model, class Loss, class Optimizer>
void check(const std::string& family, const Loss& loss, const Optimizer& optimizer, const FitOptions& options = {}) {
  infer<Model>(family);
  train<Model>(family, loss, optimizer, options);
}

template <auto Activation = relu, auto... Options>
using DenseModel = Autoencoder<Sequential<Shape{40}, Dense<24, Activation, Options...>, Dense<5, sigmoid>>,
                               Sequential<Shape{5}, Dense<40, sigmoid>>>;
using Convolutional =
    Autoencoder<Sequential<Shape{8, 8, 1}, Conv2D<6, 3, relu, same>, MaxPool2D<2>, Conv2D<4, 3, relu, same>>,
                Sequential<Shape{4, 4, 4}, Conv2D<3, 3, relu, same>, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>>;
using Strided = Autoencoder<
    Sequential<Shape{8, 8, 2}, Conv2D<5, 3, stride(2), relu, same>, Flatten, Dense<6>>,
    Sequential<Shape{6}, Dense<80, relu>, Reshape<Shape{4, 4, 5}>, Conv2DTranspose<2, 3, stride(2), sigmoid, same>>>;
using Variational =
    VariationalAutoencoder<Sequential<Shape{40}, Dense<24, relu>>, Sequential<Shape{3}, Dense<40, sigmoid>>, 3>;
using Quantized = Autoencoder<Sequential<Shape{40}, Dense<8>, VectorQuantizer<4>>,
                              Sequential<Shape{8}, Dense<24, relu>, Dense<40, sigmoid>>>;

}  // namespace

int main() try {
  check<DenseModel<>>("dense", BinaryCrossentropy{}, Adam{});
  check<Convolutional>("convolutional", BinaryCrossentropy{}, Adam{});
  check<Strided>("strided", MeanSquaredError{}, Adam{.global_clipnorm = 0.01});
  check<Variational>("variational", BinaryCrossentropy{}, RMSprop{});
  check<Quantized>("quantised", MeanSquaredError{}, SGD{.learning_rate = 0.1, .momentum = 0.9});
  check<DenseModel<gelu>>("curved", Huber{}, AdamW{});
  check<DenseModel<activations::tanh>>("denoising", MeanSquaredError{}, Adam{},
                                       {.corruption = GaussianNoise{.stddev = 0.1}});
  check<DenseModel<elu, l1_l2(1e-4, 1e-4)>>("sparse", BinaryCrossentropy{} + KlSparsity{} + L1Activity{}, Adam{});
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
