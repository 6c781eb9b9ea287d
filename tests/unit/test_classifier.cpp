#include <eigencoder/applications/fine_tuning.hpp>
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/testing.hpp>

#include "support/catch.hpp"

namespace test_classifier {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{2}, Dense<16, relu>>;
using Model = Classifier<Encoder, Sequential<Encoder::output, Dense<3>>>;

/// Points around three corners of a triangle.
Dataset three_clusters(Index size, Seed seed) {
  Random random(seed);
  Matrix<float> points(size, 2);
  std::vector<int> labels;
  for (Index i = 0; i < size; ++i) {
    const int label = static_cast<int>(i % 3);
    points(i, 0) = static_cast<float>(label == 1) + 0.1F * random.normal<float>();
    points(i, 1) = static_cast<float>(label == 2) + 0.1F * random.normal<float>();
    labels.push_back(label);
  }
  return Dataset(std::move(points)).with_labels(std::move(labels));
}

}  // namespace

TEST_CASE("a classifier learns labels that it has not seen") {
  const Dataset train = three_clusters(300, Seed{1}), test = three_clusters(120, Seed{2});
  Model model{Seed{3}};
  const Dataset targets = one_hot(train.labels(), 3);
  CHECK_THROWS_WITH(fit(model, train, CategoricalCrossentropy{}, Adam{}, {.progress = false}),
                    test::contains("fit: targets: there are none, but the model makes samples of shape (3) of those of "
                                   "shape (2)"));
  fit(model, train, CategoricalCrossentropy{}, Adam{.learning_rate = 1e-2},
      {.epochs = 40,
       .validation_split = 0.1,
       .targets = targets,
       .corruption = GaussianNoise{.stddev = 0.02},
       .augmentation = {RandomBrightness{.factor = 0.01}},
       .progress = false});
  CHECK(accuracy(model.predict(test), test.labels()) > 0.98);
  CHECK(model.encode(test).cols() == 16);

  const Matrix<float> proba = model.predict_proba(test);
  CHECK(proba.rowwise().sum().isOnes(1e-6F));
  CHECK(largest_columns(proba) == model.predict(test));
  double loss = 0;
  for (Index i = 0; i < test.size(); ++i) loss -= std::log(proba(i, test.labels()[static_cast<std::size_t>(i)]));
  Trainer trainer(model, CategoricalCrossentropy{}, SGD{});
  CHECK(trainer.evaluate({test, one_hot(test.labels(), 3)}) ==
        test::Approx(loss / static_cast<double>(test.size())).epsilon(1e-4));
  CHECK_THROWS_WITH(trainer.evaluate(test), test::contains("evaluate: targets: there are none"));
}

TEST_CASE("the gradient of a whole classifier") {
  using Body = Sequential<Shape{12}, Dense<8, eigencoder::tanh>>;
  Random random(Seed{5});
  std::vector<int> labels(20);
  for (int& label : labels) label = static_cast<int>(random.uniform<double>() * 4);
  testing::check_model_gradients(Classifier<Body, Sequential<Body::output, Dense<4>>, double>{Seed{1}},
                                 Samples(Matrix<double>::Random(20, 12), one_hot(labels, 4)),
                                 CategoricalCrossentropy{});
}

TEST_CASE("softmax adds up to one, however large the logits, and does not mind what is added to all") {
  Matrix<double> logits(2, 3);
  logits << 0, std::log(2), std::log(5), 900, -900, 900;
  const Matrix<double> p = softmax(logits);
  CHECK(p.row(0).isApprox(Eigen::RowVector3d(1, 2, 5) / 8));
  CHECK(p.row(1).isApprox(Eigen::RowVector3d(0.5, 0, 0.5)));
  CHECK(softmax(Matrix<double>(logits.array() + 7)).isApprox(p));
  CHECK(largest_columns(logits) == std::vector{2, 0});
}

TEST_CASE("one-hot targets and accuracy refuse what does not fit") {
  const Dataset targets = one_hot(std::vector{1, 0, 2}, 3);
  CHECK(targets.matrix<float>().isApprox(Eigen::Matrix3f{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}}));
  CHECK_THROWS_WITH(one_hot(std::vector{1, 3}, 3), "one_hot: sample 1 has the label 3; expected 0 to 2");
  CHECK(accuracy(std::vector{1, 2, 3, 4}, std::vector{1, 2, 0, 4}) == 0.75);
  CHECK_THROWS_WITH(accuracy(std::vector{1}, std::vector{1, 2}), "accuracy: 1 predictions for 2 labels");
}

TEST_CASE("an encoder goes from one model to another, and nothing behind it") {
  using Wide = Sequential<Shape{2}, Contractive<Dense<16, sigmoid>, 0.1>>;
  const Autoencoder<Wide, Sequential<Wide::output, Dense<2>>> from{Seed{1}};
  Model to{Seed{2}};
  const Model before = to;
  copy_encoder(from, to);
  const auto head = static_cast<std::size_t>(2 * 16 + 16);
  CHECK(std::ranges::equal(to.parameters().first(head), from.parameters().first(head)));
  CHECK(std::ranges::equal(to.parameters().subspan(head), before.parameters().subspan(head)));
}

TEST_CASE("fine-tuning starts where the linear probe is") {
  const Dataset data = three_clusters(60, Seed{6});
  const Autoencoder<Encoder, Sequential<Encoder::output, Dense<2>>> pretrained{Seed{1}};
  Model model{Seed{2}};
  start_fine_tuning(pretrained, model, data);
  CHECK(model.encode(data) == pretrained.encode(data));
  const LinearProbe probe(pretrained.encode(data), data.labels());
  CHECK(model.predict_proba(data).cast<double>().isApprox(probe.predict_proba(pretrained.encode(data)), 1e-4));
  CHECK(accuracy(model.predict(data), data.labels()) > 0.95);
  CHECK_THROWS_WITH(start_fine_tuning(pretrained, model, data.slice(0, 2)),
                    test::contains("there are labels of 2 classes; expected 3"));
}

}  // namespace test_classifier
