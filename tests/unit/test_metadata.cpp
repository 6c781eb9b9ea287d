#include <eigencoder/io/metadata.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <eigencoder/optimizers/adam.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_metadata {

using namespace eigencoder;
using test::contains;

namespace {

using Model = Autoencoder<Sequential<Shape{3}, Dense<2, relu>>, Sequential<Shape{2}, Dense<3>>>;

}  // namespace

TEST_CASE("a file tells how the model was trained and what it computes") {
  const test::TemporaryDirectory dir;
  const Model model{Seed{4}};
  Metadata metadata = training_metadata(MeanSquaredError{}, Adam{.learning_rate = 0.01}, {.epochs = 7, .seed = 3});
  metadata.merge(test_vector(model, Matrix<float>::Constant(2, 3, 0.1F)));
  save(model, dir / "m", {.metadata = metadata});

  const Metadata read = read_metadata(dir / "m");
  CHECK(read.at("format") == "eigencoder");
  CHECK(read.at("version") == version);
  CHECK(read.at("architecture") == Model::architecture());
  CHECK(read.at("training") == "mean_squared_error, Adam, learning rate 0.01, epochs 7, batch size 32, seed 3");
  CHECK(read.at("test_input") == "0.1 0.1 0.1");

  Model other{Seed{5}};
  CHECK_THROWS_WITH(verify(other, dir / "m"),
                    contains("m: is not what the model computes: its test vector differs by"));
  load(other, dir / "m");
  CHECK(verify(other, dir / "m") < 1e-7);
}

TEST_CASE("a test vector that is missing, of another size or no numbers is refused") {
  const test::TemporaryDirectory dir;
  const Model model{Seed{4}};
  const auto refusal = [&](const Metadata& metadata) {
    save(model, dir / "m", {.metadata = metadata});
    return test::message_of<std::runtime_error>([&] { verify(model, dir / "m"); });
  };
  CHECK_THAT(refusal({}), contains("m: has no test vector: its metadata lack test_input"));
  CHECK_THAT(refusal({{"test_input", "1 2 3"}}), contains("lack test_output"));
  CHECK_THAT(refusal({{"test_input", "1 2"}}), contains("test_input has 2 values, the model's 3"));
  for (const char* const text : {"1 2 x", "1 2  3", "nan 1 2", "1,2,3"})
    CHECK_THAT(refusal({{"test_input", text}}), contains("metadata test_input that are no list of numbers"));
}

TEST_CASE("metadata that a reader would refuse are not written") {
  const test::TemporaryDirectory dir;
  const Model model{Seed{4}};
  for (const Metadata& metadata :
       {Metadata{{"a", "\xff"}}, {{"\xc3", "a"}}, {{"version", "2"}}, {{"architecture", ""}}})
    CHECK_THROWS_WITH(save(model, dir / "m", {.metadata = metadata}), contains("come twice or are not UTF-8"));
  CHECK(!std::filesystem::exists(dir / "m"));
}

}  // namespace test_metadata
