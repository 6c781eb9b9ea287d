#include <atomic>
#include <cstdlib>
#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"
#include "support/sanitized.hpp"

// Every way to the heap in this program goes through these counters, Eigen's too. The sanitizers bring their own.
#if !defined(TESTS_SANITIZED)
namespace {
std::atomic<long> allocations{0};
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  ++allocations;
  *result = __libc_memalign(alignment, size);
  return 0;
}
}

using namespace eigencoder;

TEST_CASE("nothing is allocated after the first training step") {
  using Encoder = Sequential<Shape{30}, Dense<40, gelu>, Dropout<0.1>, Dense<7, relu>>;
  using Decoder = Sequential<Encoder::output, Dense<30, sigmoid>>;
  Autoencoder<Encoder, Decoder> model;
  const Matrix<float> x = (Matrix<float>::Random(210, 30).array() + 1) / 2;
  const Samples data(x);
  std::vector<Index> order(210);
  std::iota(order.begin(), order.end(), Index{0});
  const int threads = GENERATE(1, 2, 3);
  Trainer trainer(model, BinaryCrossentropy{}, Adam{.global_clipnorm = 1}, Seed{}, threads);
  trainer.step(data, order);

  const long before = allocations;
  for (Index epoch = 0; epoch < 20; ++epoch) {
    Random(Seed{1}, epoch).shuffle(order);
    trainer.step(data, std::span<const Index>(order).first(64), epoch);
    trainer.step(data, std::span<const Index>(order).subspan(64), epoch);
    (void)trainer.evaluate(data);
  }
  const long after = allocations;
  CHECK(after - before == 0);
  // The counter counts.
  CHECK(std::vector<int>(10).size() == 10);
  const auto array = std::make_unique<Eigen::ArrayXf>(100);
  CHECK(allocations > after);
}

TEST_CASE("nothing is allocated in a training step of the other families") {
  const Matrix<float> x = (Matrix<float>::Random(210, 30).array() + 1) / 2;
  const Samples data(Dataset(x).with_labels(std::vector<int>(210, 1)));
  std::vector<Index> order(210);
  std::iota(order.begin(), order.end(), Index{0});
  const auto check = [&](auto model, const auto& loss) {
    Trainer trainer(model, loss, Adam{}, Seed{}, 2);
    trainer.step(data, order);
    const long before = allocations;
    for (Index epoch = 0; epoch < 5; ++epoch) trainer.step(data, order, epoch);
    (void)trainer.evaluate(data);
    CHECK(allocations == before);
  };
  using Decoder = Sequential<Shape{4}, Dense<30, sigmoid>>;
  using Conditional = VariationalAutoencoder<Sequential<Shape{30}, ConcatenateLabel<2>, Dense<9, relu>>,
                                             Sequential<Shape{4}, ConcatenateLabel<2>, Dense<30, sigmoid>>, 4>;
  check(Conditional{}, EvidenceLowerBound<>{.beta = LinearWarmUp{.steps = 5}, .free_bits = 0.1});
  check(Autoencoder<Sequential<Shape{30}, Dense<4>, VectorQuantizer<5>>, Decoder>{}, MeanSquaredError{});
  check(Autoencoder<Sequential<Shape{30}, Dense<4>, TopK<2>>, Decoder>{}, MeanSquaredError{});
  check(Autoencoder<Sequential<Shape{30}, Dense<4, sigmoid>>, Decoder>{},
        MeanSquaredError{} + L1Activity{.weight = 0.1} + KlSparsity{});
  check(Autoencoder<Sequential<Shape{30}, Contractive<Dense<4, sigmoid>, 0.1>>, Decoder>{}, MeanSquaredError{});
}

TEST_CASE("a predictor allocates nothing once it is made") {
  using Encoder =
      Sequential<Shape{6, 6, 1}, Conv2D<3, 3, relu, same>, MaxPool2D<2>, Flatten, Dense<5>, VectorQuantizer<4>>;
  Autoencoder<Encoder, Sequential<Shape{5}, Dense<36, sigmoid>, Reshape<Shape{6, 6, 1}>>> model;
  Predictor predictor(model);
  const std::array<float, 36> x{};
  std::array<float, 36> y{};
  std::array<float, 5> h{};
  const long before = allocations;
  predictor.encode(x, h);
  predictor.decode(h, y);
  predictor.reconstruct(x, y);
  (void)predictor.reconstruction_error(x);
  predictor.refresh(model);
  CHECK(allocations == before);
}

TEST_CASE("a longer training allocates no more than a short one") {
  const auto count = [](Index epochs) {
    Autoencoder<Sequential<Shape{30}, Dense<7, relu>>, Sequential<Shape{7}, Dense<30, sigmoid>>> model;
    const Matrix<float> x = (Matrix<float>::Random(210, 30).array() + 1) / 2;
    const Dataset data(x);
    const long before = allocations;
    (void)fit(model, data, BinaryCrossentropy{}, Adam{},
              {.epochs = epochs,
               .batch_size = 16,
               .validation = data,
               .sample_weights = Eigen::VectorXd::Ones(210),
               .on_epoch_end = {EarlyStopping{.patience = 1000, .restore_best_weights = true}, ReduceLROnPlateau{}},
               .threads = 2,
               .progress = false});
    return allocations - before;
  };
  (void)count(1);
  CHECK(count(200) == count(2));
}
#endif
