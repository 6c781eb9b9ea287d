#include <eigencoder/eigencoder.hpp>
#include <numeric>

#include "support/catch.hpp"
#include "workers/machine.hpp"

using namespace eigencoder;

namespace {

/// Makes what follows throw: its n-th call from when it is set, or all from then on; by a thread each, if there are
/// several.
class Tripwire {
 public:
  static void set(long calls, bool all = false) {
    all_ = all;
    left_ = calls;
  }
  static void remove() { left_ = never; }
  static void touch() {
    if (const long before = left_.fetch_sub(1); before == 1 || (before < 1 && all_)) throw std::runtime_error("mine");
  }

 private:
  static constexpr long never = 1L << 60;
  static inline std::atomic<long> left_ = never;
  static inline std::atomic<bool> all_ = false;
};

struct TrippingNoise {
  template <class Scalar>
  void apply(std::span<Scalar> values, std::ptrdiff_t first, std::ptrdiff_t sample, const Philox& stream) const {
    Tripwire::touch();
    MaskingNoise{.p = 0.1}.apply(values, first, sample, stream);
  }
};

struct TrippingLoss : MeanSquaredError {
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    Tripwire::touch();
    return MeanSquaredError::evaluate<Logits>(y, target, weight, dy);
  }
};

struct TrippingLayer {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "TrippingLayer";
    static constexpr Shape input = In;
    static constexpr Shape output = In;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>&, FeatureMap<const Pack, X> x, Y y) {
      Tripwire::touch();
      for_each_cell(In, [&](Index c, Index i, Index j) { y(c, i, j) = x(c, i, j); });
    }
    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>&, FeatureMap<const Pack, X>, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      Tripwire::touch();
      if constexpr (DX::wanted) for_each_cell(In, [&](Index c, Index i, Index j) { dx(c, i, j) = dy(c, i, j); });
    }
  };
};

/// Throws once it has changed parameters and moments.
struct TrippingOptimizer : Adam {
  template <class Scalar>
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
              std::array<std::span<Scalar>, slots> state, double rate, Index step) const {
    Adam::update<Scalar>(parameters, gradient, state, rate, step);
    Tripwire::touch();
  }
};

double tripping_schedule(Index) {
  Tripwire::touch();
  return 1e-2;
}

struct TrippingPenalty {
  double weight = 1e-2;
  static constexpr std::string_view name = "tripping";
  static constexpr bool over_batch = true;
  template <class P>
  [[nodiscard]] P value(P mean) const {
    return mean * mean;
  }
  template <class P>
  [[nodiscard]] P gradient(P mean) const {
    Tripwire::touch();
    return mean + mean;
  }
};

template <class... Between>
using ModelWith = Autoencoder<Sequential<Shape{20}, Dense<7, relu>, Between...>, Sequential<Shape{7}, Dense<20>>>;
using Model = ModelWith<>;

constexpr Index count = 400;

Matrix<float> samples(Index size = count) {
  Matrix<float> x(size, 20);
  for (Index i = 0; i < size; ++i)
    for (Index k = 0; k < 20; ++k)
      x(i, k) =
          static_cast<float>(0.5 + 0.5 * std::sin(0.3 * static_cast<double>(k * (1 + i % 3)) + static_cast<double>(i)));
  return x;
}

std::vector<Index> all_numbers() {
  std::vector<Index> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), Index{0});
  return numbers;
}

template <class Model>
std::vector<float> parameters_of(const Model& model) {
  return {model.parameters().begin(), model.parameters().end()};
}

/// Three steps in a row, against three with failures before each: the failures must not show.
template <class Model, class Loss, class Optimizer>
void check_failures_leave_no_trace(const Loss& loss, const Optimizer& optimizer, Corruption noise = {}) {
  const int threads = GENERATE(1, 2, 3, 8);
  const Matrix<float> x = samples();
  const Samples data(x, {}, std::move(noise));
  const std::vector<Index> numbers = all_numbers();
  Tripwire::remove();
  Model expected{Seed{1}}, model{Seed{1}};
  Trainer undisturbed(expected, loss, optimizer, Seed{2}, threads);
  Trainer trainer(model, loss, optimizer, Seed{2}, threads);
  for (Index epoch = 0; epoch < 3; ++epoch) {
    Tripwire::remove();
    const double right = undisturbed.step(data, numbers, epoch);
    const std::vector<float> before = parameters_of(model);
    int failures = 0;
    for (const bool all : {false, true})
      for (const long calls : {1, 2, 7, 12}) {
        Tripwire::set(calls, all);
        try {
          (void)trainer.step(data, numbers, epoch);
          FAIL("nothing was thrown");
        } catch (const std::runtime_error& error) {
          REQUIRE(std::string(error.what()) == "mine");
          ++failures;
        }
        REQUIRE(trainer.steps() == epoch);
        REQUIRE(parameters_of(model) == before);
        // An optimiser and a schedule are called once or a few times a step.
        if (std::is_same_v<Optimizer, TrippingOptimizer> || !optimizer.learning_rate.is_constant()) break;
      }
    Tripwire::remove();
    REQUIRE(failures > 0);
    REQUIRE(trainer.step(data, numbers, epoch) == right);
    REQUIRE(parameters_of(model) == parameters_of(expected));
  }
}

FitOptions quiet(FitOptions options) {
  options.progress = false;
  return options;
}

}  // namespace

TEST_CASE("noise that throws in a step leaves no trace") {
  check_failures_leave_no_trace<Model>(MeanSquaredError{}, Adam{}, TrippingNoise{});
}
TEST_CASE("a loss that throws in a step leaves no trace") {
  check_failures_leave_no_trace<Model>(TrippingLoss{}, Adam{});
}
TEST_CASE("a layer that throws in a step leaves no trace") {
  check_failures_leave_no_trace<ModelWith<TrippingLayer>>(MeanSquaredError{}, Adam{});
}
TEST_CASE("an optimiser that throws in a step leaves no trace") {
  check_failures_leave_no_trace<Model>(MeanSquaredError{}, TrippingOptimizer{});
}
TEST_CASE("a schedule that throws in a step leaves no trace") {
  check_failures_leave_no_trace<Model>(MeanSquaredError{}, Adam{.learning_rate = tripping_schedule});
}
TEST_CASE("a penalty on the batch's mean that throws in a step leaves no trace") {
  check_failures_leave_no_trace<Model>(MeanSquaredError{} + TrippingPenalty{}, Adam{});
}

TEST_CASE("what throws in the evaluation comes out, and the trainer works on") {
  const int threads = GENERATE(1, 2, 3, 8);
  const Matrix<float> x = samples();
  Model model{Seed{1}};
  Trainer trainer(model, TrippingLoss{}, Adam{}, Seed{}, threads);
  Tripwire::remove();
  const double right = trainer.evaluate(Samples(x));
  Tripwire::set(5);
  CHECK_THROWS_AS(trainer.evaluate(Samples(x)), std::runtime_error);
  Tripwire::set(5);
  CHECK_THROWS_AS((void)model.reconstruction_error(x, TrippingLoss{}, threads), std::runtime_error);
  Tripwire::remove();
  CHECK(trainer.evaluate(Samples(x)) == right);
}

namespace {

/// Losses and parameters of a training must be the same on any number of threads, for all batches that leave shards
/// empty, partly or evenly filled.
template <class Model, class Loss, class Optimizer>
void check_any_number_of_threads(const Loss& loss, const Optimizer& optimizer) {
  const Index batch = GENERATE(3, 100, 150, 400);
  CAPTURE(Model::architecture(), batch);
  const Matrix<float> x = samples();
  const auto trained = [&](Index threads) {
    Model model{Seed{5}};
    const History history =
        fit(model, x, loss, optimizer,
            quiet({.epochs = 2, .batch_size = batch, .validation_split = 0.1, .seed = 9, .threads = threads}));
    return std::tuple(parameters_of(model), history.loss, history.validation_loss, history.metrics);
  };
  const auto alone = trained(1);
  for (const Index threads : {2, 3, 8}) CHECK(trained(threads) == alone);
}

using ConvModel =
    Autoencoder<Sequential<Shape{5, 4, 1}, Conv2D<3, 3, relu, same>, MaxPool2D<2>, Conv2D<2, 2, stride(2), same, relu>>,
                Sequential<Shape{1, 1, 2}, Conv2DTranspose<3, 3, stride(2), same, relu>, UpSampling2D<2>,
                           Conv2D<2, 3, same>, Flatten, Dense<20>, Reshape<Shape{5, 4, 1}>>>;
using Variational = VariationalAutoencoder<Sequential<Shape{20}, Dense<7, relu>>, Sequential<Shape{2}, Dense<20>>, 2>;
using Contracted = Autoencoder<Sequential<Shape{20}, Contractive<Dense<7, sigmoid>, 1e-3>>,
                               Sequential<Shape{7}, Dense<20, l1_l2(1e-3, 1e-3)>>>;

}  // namespace

TEST_CASE("a training has the same bits on any number of threads") {
  check_any_number_of_threads<Model>(MeanSquaredError{}, Adam{.global_clipnorm = 0.1});
  check_any_number_of_threads<ConvModel>(MeanSquaredError{}, Adam{});
  check_any_number_of_threads<Variational>(MeanSquaredError{}, RMSprop{});
  check_any_number_of_threads<Contracted>(MeanSquaredError{} + KlSparsity{} + L1Activity{}, SGD{});
}

TEST_CASE("more threads than the machine has cores count as that many") {
  const Matrix<float> x = samples(103);
  const auto trained = [&](Index threads, int cores) {
    test::cores = cores;
    Model model{Seed{5}};
    const History history =
        fit(model, x, MeanSquaredError{}, Adam{},
            quiet({.epochs = 2, .batch_size = 100, .validation = x, .seed = 9, .threads = threads}));
    test::cores = 8;
    return std::pair(parameters_of(model), history);
  };
  for (const int cores : {1, 2, 3}) {
    const auto [parameters, history] = trained(cores, 8);
    for (const Index threads : {Index{0}, Index{cores}, Index{32}}) {
      const auto [others, other] = trained(threads, cores);
      CAPTURE(cores, threads);
      CHECK(others == parameters);
      CHECK(other.loss == history.loss);
      CHECK(other.validation_loss == history.validation_loss);
    }
  }
}

TEST_CASE("a batch of few micro-batches is the work of few threads") {
  const Matrix<float> x = samples(103);
  constexpr Index lanes = Model::Network::Pack::lanes;
  const auto made = [&](Index batch, Index threads) {
    Model model;
    const int before = test::threads_made;
    fit(model, x, MeanSquaredError{}, Adam{}, quiet({.batch_size = batch, .threads = threads}));
    return test::threads_made - before;
  };
  const bool counted = made(103, 2) == 1;  // not under a sanitizer
  if (103 > lanes && counted) {
    CHECK(made(lanes, 0) == 0);
    CHECK(made(lanes, 8) == 0);
    CHECK(made(lanes + 1, 8) == 1);
    test::cores = 2;
    CHECK(made(103, 32) == 1);
    test::cores = 8;
  }
}

TEST_CASE("a training on fewer threads than were asked for, because there are no more, has the same bits") {
  const Matrix<float> x = samples();
  const auto trained = [&](int left) {
    test::threads_left = left;
    Model model{Seed{5}};
    fit(model, x, MeanSquaredError{}, Adam{}, quiet({.epochs = 2, .batch_size = 200, .threads = 8}));
    const Matrix<float> codes = model.encode(x, 8);
    test::threads_left = 1 << 20;
    return std::pair(parameters_of(model), codes);
  };
  const auto [parameters, codes] = trained(1 << 20);
  for (const int left : {0, 1, 2}) {
    const auto [others, other_codes] = trained(left);
    CHECK(others == parameters);
    CHECK(other_codes == codes);
  }
}

TEST_CASE("const members may be called from eight threads at once") {
  const Matrix<float> x = samples();
  const Model model{Seed{1}};
  const Matrix<float> codes = model.encode(x), outputs = model.reconstruct(x);
  const Vector<float> errors = model.reconstruction_error(x);
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (Index t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int repeat = 0; repeat < 3; ++repeat) {
          wrong += model.encode(x, 1 + t % 3) != codes;
          wrong += model.decode(codes, 1 + t % 3) != outputs;
          wrong += model.reconstruct(x, 1 + t % 3) != outputs;
          wrong += model.reconstruction_error(x, MeanSquaredError{}, 1 + t % 3) != errors;
        }
      });
  }
  CHECK(wrong == 0);
}

TEST_CASE("two models train at the same time") {
  const Matrix<float> x = samples();
  const auto train = [&](Model& model) {
    fit(model, x, MeanSquaredError{}, Adam{}, quiet({.epochs = 3, .batch_size = 100, .threads = 2}));
  };
  Model one{Seed{1}}, other{Seed{1}}, expected{Seed{1}};
  train(expected);
  std::thread beside([&] { train(other); });
  train(one);
  beside.join();
  CHECK(parameters_of(one) == parameters_of(expected));
  CHECK(parameters_of(other) == parameters_of(expected));
}

TEST_CASE("a thread's own treatment of denormal numbers is what it was after training, also by an exception") {
  const volatile float tiny = std::numeric_limits<float>::denorm_min();
  const auto keeps = [&] { return tiny * 2 > 0; };
  const Matrix<float> x = samples();
  Model model;
  bool flushed_in_callback = false;
  REQUIRE(keeps());
  fit(model, x, MeanSquaredError{}, Adam{},
      quiet({.on_epoch_end = {[&](EpochEnd&) { flushed_in_callback = !keeps(); }}, .threads = 2}));
  CHECK(!flushed_in_callback);
  CHECK(keeps());
  Tripwire::set(5);
  CHECK_THROWS(fit(model, x, TrippingLoss{}, Adam{}, quiet({.threads = 2})));
  Tripwire::remove();
  CHECK(keeps());
  // Within: a weight of 1 times a sample of 1e-39 is 0.
  for (const Index threads : {1, 2}) {
    Autoencoder<Sequential<Shape{1}, Dense<1>>, Sequential<Shape{1}, Dense<1>>> identity;
    std::ranges::fill(identity.parameters(), 1.0F);
    identity.parameters()[1] = 0;
    const Matrix<float> small = Matrix<float>::Constant(100, 1, 1e-39F);
    CHECK(identity.encode(small, threads).isZero(0));
  }
}
