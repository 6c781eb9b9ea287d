#include <eigencoder/any/compiled_models.hpp>
#include <eigencoder/any/erase.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/models/autoencoder.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_any_autoencoder {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{6}, Dense<3, relu>>;
using Model = Autoencoder<Encoder, Sequential<Shape{3}, Dense<6, sigmoid>>>;
using Other = Autoencoder<Sequential<Shape{6}, Dense<2>>, Sequential<Shape{2}, Dense<6>>>;

AnyAutoencoder make_model(Seed seed) { return erase(Model{seed}); }
AnyAutoencoder make_other(Seed seed) { return erase(Other{seed}, Huber{}); }

Matrix<float> samples() {
  Matrix<float> x(40, 6);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i * i % 11) / 11;
  return x;
}

Table table_of(const Matrix<float>& values) { return any::table(values); }

}  // namespace

TEST_CASE("An erased model trains and predicts as the model itself, bit for bit") {
  const Matrix<float> x = samples();
  Model model{Seed{3}};
  AnyAutoencoder any = make_model(Seed{3});
  CHECK(any.losses() == std::vector<std::string>{"binary_crossentropy", "mean_squared_error"});
  CHECK(any.input_size() == 6);
  CHECK(any.code_size() == 3);
  CHECK(any.summary() == summary(model));
  CHECK(any.architecture() == Model::architecture());

  const FitOptions options{
      .epochs = 3, .batch_size = 8, .validation_split = 0.25, .seed = 5, .threads = 1, .progress = false};
  const History history = fit(model, x, MeanSquaredError{}, AnyOptimizer("nadam", 0.01), options);
  AnyAutoencoder full = any;
  const History ours = any.fit(x, {.loss = "mean_squared_error",
                                   .optimizer = "nadam",
                                   .learning_rate = 0.01,
                                   .epochs = 3,
                                   .batch_size = 8,
                                   .validation_split = 0.25,
                                   .seed = 5,
                                   .threads = 1,
                                   .progress = false});
  CHECK(ours.loss == history.loss);
  CHECK(ours.validation_loss == history.validation_loss);
  CHECK(full.fit(x, "mean_squared_error", AnyOptimizer("nadam", 0.01), options).loss == history.loss);

  const Table y = any.reconstruct(x), h = any.encode(x);
  CHECK(y == table_of(model.reconstruct(x)));
  CHECK(h == table_of(model.encode(x)));
  CHECK(any.decode(h) == y);
  const Vector<float> errors = model.reconstruction_error(x);
  CHECK(any.reconstruction_error(x, "mean_squared_error") == std::vector<float>(errors.begin(), errors.end()));
  CHECK(any.evaluate(x) == evaluate(model, x, BinaryCrossentropy{}));

  // Samples of every kind.
  const Eigen::MatrixXf columns = x;
  CHECK(any.reconstruct(columns) == y);
  CHECK(any.reconstruct(Dataset(x)) == y);
  CHECK(any.reconstruct(table_of(x)) == y);
  CHECK(any.reconstruct({std::span(x.data(), 240), 6}) == y);
  CHECK(any.reconstruct(x.middleRows(1, 2)).row(1)[4] == y(2, 4));

  Predictor predictor(model);
  AnyPredictor own = any.predictor();
  AnyPredictor copy = own;
  std::array<float, 6> one{}, other{};
  std::array<float, 3> code{};
  const std::span first(x.data(), 6);
  predictor.reconstruct(first, one);
  copy.reconstruct(first, other);
  CHECK(one == other);
  own.encode(first, code);
  own.decode(code, other);
  CHECK(one == other);
  CHECK(own.reconstruction_error(first) == predictor.reconstruction_error(first));
}

TEST_CASE("Callbacks of an erased model stop, keep parameters and scale the learning rate") {
  const Matrix<float> x = samples();
  AnyAutoencoder any = make_model(Seed{3});
  Table kept;
  std::vector<double> rates;
  const History history =
      any.fit(x, {.learning_rate = 0.1, .epochs = 9, .progress = false, .on_epoch_end = [&](AnyEpochEnd& end) {
                    rates.push_back(end.learning_rate);
                    end.learning_rate_scale = 0.5;
                    end.keep_parameters = end.history.epochs() == 1;
                    end.stop = end.history.epochs() == 3;
                  }});
  CHECK(history.epochs() == 3);
  CHECK(rates == std::vector{0.1, 0.05, 0.025});
  // The parameters are those of the first epoch.
  AnyAutoencoder again = make_model(Seed{3});
  (void)again.fit(x, {.learning_rate = 0.1, .epochs = 1, .progress = false});
  CHECK(any.reconstruct(x) == again.reconstruct(x));
}

TEST_CASE("An erased model is a value") {
  const Matrix<float> x = samples();
  AnyAutoencoder a = make_model(Seed{1});
  const AnyAutoencoder copy = a;
  (void)a.fit(x, {.progress = false});
  CHECK(a.reconstruct(x) != copy.reconstruct(x));
  AnyAutoencoder b = std::move(a);
  CHECK_FALSE(a.has_model());  // NOLINT(bugprone-use-after-move)
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { (void)a.summary(); }), test::contains("there is no model"));
  CHECK_THROWS_AS(AnyPredictor().reconstruction_error({}), std::invalid_argument);
  b = make_other(Seed{2});
  CHECK(b.code_size() == 2);
  CHECK(b.losses() == std::vector<std::string>{"huber"});
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { (void)b.fit(x, {.loss = "binary_crossentropy"}); }),
             test::contains("compiled with the losses huber; \"binary_crossentropy\" is none of them"));
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { (void)b.fit(x, {.optimizer = "adamm"}); }),
             test::contains("no optimizer is called adamm; there are adam, adamw, sgd"));
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { (void)b.encode(x.leftCols(5)); }), test::contains("5"));
}

TEST_CASE("Compiled models are chosen by name and by the architecture in a file") {
  const test::TemporaryDirectory directory;
  const std::string path = (directory.path() / "model.safetensors").string();
  const CompiledModels models{{{"model", make_model}, {"other", make_other}}};
  CHECK(models.names() == std::vector<std::string>{"model", "other"});
  AnyAutoencoder other = models.make("other", Seed{7});
  other.save(path, {{"data", "none"}});
  const AnyAutoencoder loaded = models.load(path);
  CHECK(loaded.architecture() == other.architecture());
  CHECK(loaded.encode(samples()) == other.encode(samples()));
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { (void)models.make("fan"); }),
             test::contains("no compiled model is called fan; there are model, other"));
  const CompiledModels less{{{"model", make_model}}};
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)less.load(path); }),
             test::contains(path + ": is of none of the compiled models, model"));
  write_safetensors(path, {{"encoder.0.kernel", {{1}, {1.0}}}});
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)models.load(path); }),
             test::contains("does not tell its architecture"));
}

}  // namespace test_any_autoencoder
