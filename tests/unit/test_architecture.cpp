#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/safetensors.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_architecture {

using namespace eigencoder;
using test::contains;

namespace {

template <auto Function, auto Dilation = dilation(1)>
using Model = Autoencoder<Sequential<Shape{6, 6, 1}, Conv2D<2, 3, same, Dilation, Function>, MaxPool2D<2>>,
                          Sequential<Shape{3, 3, 2}, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>>;

/// What `load` says of a file that was saved from a `Saved`.
template <class Saved, class Loaded>
std::string refusal(const LoadOptions& options = {}) {
  const test::TemporaryDirectory dir;
  save(Saved{Seed{1}}, dir / "m");
  Loaded model{Seed{2}};
  const Loaded before = model;
  const std::string message = test::message_of<std::runtime_error>([&] { load(model, dir / "m", options); });
  if (!message.empty()) REQUIRE(std::ranges::equal(model.parameters(), before.parameters()));
  return message;
}

}  // namespace

TEST_CASE("a model's architecture is a line a layer, with all that decides what it computes") {
  using Encoder = Sequential<Shape{9, 9, 1}, Conv2D<2, Size{3, 1}, stride(2, 1), leaky_relu(0.1), same>,
                             ZeroPadding2D<Border{1, 0, 0, 0}>, AveragePool2D<2>, Activation<elu(0.25)>, Flatten,
                             Dense<5, leaky_relu>, TopK<3>>;
  using Decoder = Sequential<Encoder::output, Dense<9>, Reshape<Shape{3, 3, 1}>, UpSampling2D<3, bilinear>>;
  CHECK(Autoencoder<Encoder, Decoder>::architecture() ==
        "encoder.0 Conv2D (3 x 1, stride 2 x 1, same) leaky_relu(0.1) (9, 9, 1) -> (5, 9, 2)\n"
        "encoder.1 ZeroPadding2D (top 1, left 0, bottom 0, right 0) (5, 9, 2) -> (6, 9, 2)\n"
        "encoder.2 AveragePool2D (2 x 2, stride 2 x 2, valid) (6, 9, 2) -> (3, 4, 2)\n"
        "encoder.3 Activation (elu(0.25)) (3, 4, 2) -> (3, 4, 2)\n"
        "encoder.4 Flatten (3, 4, 2) -> (24)\n"
        "encoder.5 Dense leaky_relu (24) -> (5)\n"
        "encoder.6 TopK (3) (5) -> (5)\n"
        "decoder.0 Dense (5) -> (9)\n"
        "decoder.1 Reshape (9) -> (3, 3, 1)\n"
        "decoder.2 UpSampling2D (bilinear) (3, 3, 1) -> (9, 9, 1)");
}

TEST_CASE("weights of another activation are noticed, and both are shown") {
  CHECK(refusal<Model<relu>, Model<relu>>().empty());
  const std::string message = refusal<Model<relu>, Model<eigencoder::tanh>>();
  CHECK_THAT(message,
             contains("m: is of another architecture: ") &&
                 contains("\"encoder.0 Conv2D (3 x 3, stride 1 x 1, same) relu (6, 6, 1) -> (6, 6, 2)\" in the file, "
                          "\"encoder.0 Conv2D (3 x 3, stride 1 x 1, same) tanh (6, 6, 1) -> (6, 6, 2)\" in the model"));
  CHECK(refusal<Model<relu>, Model<eigencoder::tanh>>({.compare_architecture = false}).empty());
  CHECK_THAT((refusal<Model<leaky_relu>, Model<leaky_relu(0.3)>>()),
             contains("leaky_relu (6") && contains("leaky_relu(0.3)"));
  CHECK_THAT((refusal<Model<relu>, Model<relu, dilation(2)>>()), contains("dilation 2 x 2, same) relu (6, 6, 1)"));
}

TEST_CASE("a layer more or less without weights is noticed, too") {
  using Encoder = Sequential<Shape{4}, Dense<3>>;
  using Plain = Autoencoder<Encoder, Sequential<Shape{3}, Dense<4>>>;
  using Squashed = Autoencoder<Encoder, Sequential<Shape{3}, Dense<4>, Activation<sigmoid>>>;
  const std::string line = "\"decoder.1 Activation (sigmoid) (4) -> (4)\"";
  CHECK_THAT((refusal<Plain, Squashed>()), contains("nothing in the file, " + line + " in the model"));
  CHECK_THAT((refusal<Squashed, Plain>()), contains(line + " in the file, nothing in the model"));
}

TEST_CASE("a file whose metadata tell of no architecture is loaded") {
  const test::TemporaryDirectory dir;
  Model<relu> model{Seed{1}}, other{Seed{2}};
  save(model, dir / "m");
  write_safetensors(dir / "n", read_safetensors(dir / "m"));
  load(other, dir / "n");
  CHECK(std::ranges::equal(model.parameters(), other.parameters()));
}

}  // namespace test_architecture
