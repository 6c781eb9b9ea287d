#include <eigencoder/eigencoder.hpp>
#include <thread>

#include "support/catch.hpp"

namespace test_autoencoder {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{4, 4, 2}, Flatten, Dense<9, selu>, Dense<5, silu>>;
using Decoder = Sequential<Encoder::output, Dense<32, eigencoder::tanh>, Reshape<Shape{4, 4, 2}>>;
template <class Scalar>
using Model = Autoencoder<Encoder, Decoder, Scalar>;

}  // namespace

TEMPLATE_TEST_CASE("encoder and decoder are the two halves of reconstruct", "", float, double) {
  const Index count = GENERATE(1, 15, 16, 33, 100);
  const Matrix<TestType> x = Matrix<TestType>::Random(count, 32);
  const Model<TestType> model{Seed{7}};
  const Matrix<TestType> codes = model.encode(x);
  CHECK(codes.rows() == count);
  CHECK(codes.cols() == 5);
  const Matrix<TestType> y = model.reconstruct(x);
  CHECK(model.decode(codes).isApprox(y));
  const Vector<TestType> errors = model.reconstruction_error(x);
  CHECK(errors.isApprox((y - x).array().square().rowwise().mean().matrix()));
  CHECK(evaluate(model, x, MeanSquaredError{}) == test::Approx(static_cast<double>(errors.mean())));
  CHECK(model.reconstruct(x, 3) == y);
}

TEST_CASE("a model that was moved from is refused by all that need its parameters, until it is assigned to") {
  const Matrix<float> x = Matrix<float>::Random(20, 32);
  Model<float> model{Seed{7}};
  const Matrix<float> codes = model.encode(x);
  Model<float> other = std::move(model);
  const auto moved_from = test::contains("it was moved from");
  CHECK_THROWS_WITH(model.encode(x), moved_from);  // NOLINT: used after a move on purpose
  CHECK_THROWS_WITH(model.decode(codes), moved_from);
  CHECK_THROWS_WITH(model.reconstruct(x), moved_from);
  CHECK_THROWS_WITH(model.reconstruction_error(x), moved_from);
  CHECK_THROWS_WITH(evaluate(model, x, MeanSquaredError{}), moved_from);
  CHECK_THROWS_WITH(fit(model, x, MeanSquaredError{}, Adam{}, {.epochs = 1, .progress = false}), moved_from);
  CHECK_THROWS_WITH(model.parameters(), moved_from);
  CHECK_THROWS_WITH((Trainer(model, MeanSquaredError{}, Adam{})), moved_from);
  CHECK(other.encode(x) == codes);
  model = std::move(other);
  CHECK(model.encode(x) == codes);
}

TEST_CASE("dense layers are the textbook's") {
  const Matrix<double> x = Matrix<double>::Random(20, 32);
  const Model<double> model{Seed{7}};
  const auto p = model.parameters();
  const auto dense = [](const Eigen::MatrixXd& in, const double* from, Index outputs) {
    const Eigen::Map<const Matrix<double>> kernel(from, in.cols(), outputs);
    const Eigen::Map<const Eigen::RowVectorXd> bias(from + kernel.size(), outputs);
    return Eigen::MatrixXd((in * kernel).rowwise() + bias);
  };
  const Eigen::MatrixXd first = dense(x, p.data(), 9).unaryExpr([](double z) {
    return 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * std::expm1(z));
  });
  const Eigen::MatrixXd codes =
      dense(first, p.data() + 32 * 9 + 9, 5).unaryExpr([](double z) { return z / (1 + std::exp(-z)); });
  CHECK(model.encode(x).isApprox(codes, 1e-12));
}

TEST_CASE("any Eigen matrix is data, in any storage order, without a copy where it lies") {
  const Model<float> model{Seed{1}};
  const Eigen::MatrixXf columns = Eigen::MatrixXf::Random(21, 32);
  const Matrix<float> rows = columns;
  const Matrix<float> codes = model.encode(rows);
  CHECK(model.encode(columns) == codes);
  CHECK(model.encode(Eigen::Map<const Eigen::MatrixXf>(columns.data(), 21, 32)) == codes);
  CHECK(model.encode(Eigen::Ref<const Eigen::MatrixXf>(columns)) == codes);
  CHECK(model.encode(columns.cast<double>()).isApprox(codes));
  CHECK(model.encode(columns.topRows(4)) == codes.topRows(4));
  CHECK(model.encode(columns * 1.0F) == codes);
}

TEST_CASE("samples of another size are refused with both shapes") {
  const Model<float> model;
  const auto refusal = [&](const Dataset& data) {
    return test::message_of<std::invalid_argument>([&] { (void)model.encode(data); });
  };
  CHECK_THAT(refusal(Matrix<float>::Zero(2, 31)),
             test::contains("encode: ") && test::contains("shape (31)") && test::contains("expected shape (4, 4, 2)"));
  CHECK_THAT(refusal(Eigen::VectorXf::Zero(32)), test::contains("A sample is a row: transpose a single column"));
}

TEST_CASE("a model may be used from many threads at once") {
  const Matrix<float> x = Matrix<float>::Random(50, 32);
  const Model<float> model{Seed{1}};
  const Matrix<float> expected = model.reconstruct(x);
  std::vector<Matrix<float>> results(4);
  {
    std::vector<std::jthread> team;
    for (Matrix<float>& result : results) team.emplace_back([&] { result = model.reconstruct(x); });
  }
  for (const Matrix<float>& result : results) CHECK(result == expected);
}

TEST_CASE("copies copy, moves move, and a seed decides the first parameters") {
  Model<float> model{Seed{1}};
  Model<float> copy = model;
  copy.parameters()[0] += 1;
  CHECK(model.parameters()[0] != copy.parameters()[0]);
  const float* const memory = copy.parameters().data();
  const Model<float> moved = std::move(copy);
  CHECK(moved.parameters().data() == memory);
  CHECK(std::ranges::equal(Model<float>{Seed{1}}.parameters(), model.parameters()));
  CHECK_FALSE(std::ranges::equal(Model<float>{Seed{2}}.parameters(), model.parameters()));
}

TEST_CASE("tensors are named by their place among all layers") {
  const auto tensors = Model<float>::tensors();
  std::vector<std::string> names;
  for (const NamedTensor& tensor : tensors) names.push_back(tensor.name);
  CHECK(names == std::vector<std::string>{"encoder.1.kernel", "encoder.1.bias", "encoder.2.kernel", "encoder.2.bias",
                                          "decoder.0.kernel", "decoder.0.bias"});
  CHECK(tensors[0].dims == std::vector<Index>{32, 9});
  CHECK(tensors[2].offset == 32 * 9 + 9);
  CHECK(tensors.back().offset + tensors.back().size() == static_cast<Index>(Model<float>().parameters().size()));
}

TEST_CASE("summary and diagram show every layer with its shapes and parameters") {
  const Model<float> model;
  const std::string table = summary(model);
  for (const char* part :
       {"encoder.0  Flatten", "encoder.1  Dense selu", "encoder.2  Dense silu", "decoder.0  Dense tanh",
        "decoder.1  Reshape", "(4, 4, 2)", "(5)", "297", "Total parameters: 539", "Micro-batch: "})
    CHECK_THAT(table, test::contains(part));
  const std::string dot = to_dot(model);
  for (const char* part : {"digraph", "Dense silu", "{(9)|(5)}", "encoder_2 -> decoder_0", "50 parameters"})
    CHECK_THAT(dot, test::contains(part));
}

TEST_CASE("dropout acts in training alone") {
  using Dropped = Autoencoder<Sequential<Shape{6}, Dropout<0.5>, Dense<4>>, Sequential<Shape{4}, Dense<6>>>;
  const Matrix<double> x = Matrix<double>::Random(40, 6);
  Dropped model{Seed{1}};
  const double calm = evaluate(model, x, MeanSquaredError{});
  CHECK(evaluate(model, x, MeanSquaredError{}) == calm);
  const History history = fit(model, x, MeanSquaredError{}, SGD{.learning_rate = 1e-12},
                              {.epochs = 2, .batch_size = 40, .threads = 1, .progress = false});
  CHECK(history.loss[0] != test::Approx(calm));
  CHECK(history.loss[0] != history.loss[1]);
}

}  // namespace test_autoencoder
