#include <pthread.h>

#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"

namespace test_small_stack {

/// Nothing whose size follows from the user's numbers is on the stack: threads may have little of it, 512 kB on macOS.

using namespace eigencoder;

namespace {

/// f() on a thread with a stack of 512 kB.
template <class Function>
void on_small_stack(Function f) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  REQUIRE(pthread_attr_setstacksize(&attributes, 512 * 1024) == 0);
  pthread_t thread;
  const auto run = [](void* task) -> void* {
    (*static_cast<Function*>(task))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, run, &f) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

/// A training and an evaluation of two samples with values in [0, 1].
template <class Model, class Loss>
void train(const Loss& loss) {
  on_small_stack([&] {
    Model model;
    const Matrix<float> x = (Matrix<float>::Random(2, Model::input.size()).array() + 1) / 2;
    const History history = fit(model, x, loss, SGD{}, {.validation = x, .threads = 1, .progress = false});
    CHECK(std::isfinite(history.validation_loss[0]));
  });
}

}  // namespace

TEST_CASE("a variational autoencoder of 8,192 latent units on a small stack") {
  using Wide = VariationalAutoencoder<Sequential<Shape{4}, Dense<2>>, Sequential<Shape{8192}, Dense<4, sigmoid>>, 8192>;
  train<Wide>(BinaryCrossentropy{});
  on_small_stack([] {
    const Wide model;
    const auto distribution = model.encode_distribution(Matrix<float>::Zero(3, 4));
    CHECK(distribution.mean.cols() == 8192);
    CHECK(model.sample(2).rows() == 2);
  });
}

TEST_CASE("wide layers on a small stack") {
  train<
      Autoencoder<Sequential<Shape{1}, Contractive<Dense<150000, sigmoid>, 0.1>>, Sequential<Shape{150000}, Dense<1>>>>(
      MeanSquaredError{});
  train<Autoencoder<Sequential<Shape{9000}, TopK<8500>>, Sequential<Shape{9000}, Activation<sigmoid>>>>(
      MeanSquaredError{});
}

TEST_CASE("the similarity of wide images on a small stack") {
  using Image = Sequential<Shape{11, 700, 1}, Activation<sigmoid>>;
  train<Autoencoder<Image, Image>>(StructuralSimilarity{});
}

}  // namespace test_small_stack
