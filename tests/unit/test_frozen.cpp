#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/frozen.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_frozen {

/// That the headers compile and compute is tested in frozen/.

using namespace eigencoder;
using test::contains;

namespace {

using Model = Autoencoder<
    Sequential<Shape{6, 6, 1}, Conv2D<3, 3, stride(2), same, relu>, Flatten, Dense<4, gelu>>,
    Sequential<Shape{4}, Dense<27, silu>, Reshape<Shape{3, 3, 3}>, Conv2DTranspose<1, 3, stride(2), same, sigmoid>>>;

Matrix<float> samples() { return (Matrix<float>::Random(12, 36).array() + 1) / 2; }

}  // namespace

TEST_CASE("what a frozen header will compute is what the model does, and int8 costs little") {
  const test::TemporaryDirectory dir;
  const Matrix<float> data = samples();
  const Model model{Seed{3}};
  const double loss =
      static_cast<double>((model.reconstruct(data) - data).squaredNorm()) / static_cast<double>(data.size());
  std::size_t bytes = 0;
  for (const Weights weights : {Weights::float32, Weights::float16, Weights::bfloat16, Weights::int8}) {
    const FrozenReport report =
        write_frozen_header(model, dir / "m.hpp", {.name = "m", .weights = weights, .calibration = data});
    CHECK(std::abs(report.float_loss - loss) < 1e-6 * loss);
    CHECK(report.loss < 1.02 * loss);
    if (weights == Weights::float32) {
      CHECK(report.difference == 0);
      CHECK(report.weight_bytes == sizeof(float) * model.parameters().size());
      bytes = report.weight_bytes;
    } else {
      CHECK(report.difference > 0);
      CHECK(report.difference < 0.02);
      CHECK(report.weight_bytes < bytes);
    }
  }
  const std::string text = test::contents(dir / "m.hpp");
  CHECK_THAT(text, contains("decoder.2 Conv2DTranspose (3 x 3, stride 2 x 2, same) sigmoid (3, 3, 3) -> (6, 6, 1)") &&
                       contains("struct m {") && contains("the mean squared error is"));
}

TEST_CASE("what cannot be frozen is refused by a sentence") {
  const test::TemporaryDirectory dir;
  const Model model{Seed{3}};
  const auto refusal = [&](const FrozenOptions& options) {
    return test::message_of<std::invalid_argument>([&] { write_frozen_header(model, dir / "m.hpp", options); });
  };
  for (const char* const name : {"", "1st", "a b", "x-y"})
    CHECK_THAT(refusal({.name = name}), contains("is no identifier"));
  CHECK_THAT(refusal({.weights = Weights::int8}), contains("int8 needs samples to calibrate by"));
  CHECK_THAT(refusal({.calibration = Matrix<float>::Zero(1, 35)}), contains("write_frozen_header: calibration"));
  Model bad = model;
  bad.parameters()[3] = INFINITY;
  CHECK_THROWS_WITH(write_frozen_header(bad, dir / "m.hpp"), contains("not a finite float"));
  const Autoencoder<Sequential<Shape{4}, LayerNormalization, Dense<2>>, Sequential<Shape{2}, Dense<4>>> normalized;
  CHECK_THROWS_WITH(write_frozen_header(normalized, dir / "m.hpp"), contains("layer encoder.0 is of a kind"));
  CHECK(!std::filesystem::exists(dir / "m.hpp"));
}

TEST_CASE("weights are rounded to the nearest 16-bit float") {
  CHECK(frozen::float16_bits(frozen::rounded_half(1)) == 0x3c00);
  CHECK(frozen::float16_bits(frozen::rounded_half(-2.5)) == 0xc100);
  CHECK(frozen::float16_bits(frozen::rounded_half(1e9)) == 0x7bff);
  CHECK(frozen::float16_bits(frozen::rounded_half(6e-8)) == 0x0001);
  CHECK(frozen::float16_bits(frozen::rounded_half(6.2e-5)) == 0x0410);
  CHECK(frozen::float16_bits(frozen::rounded_half(0)) == 0);
  CHECK(frozen::bfloat16_bits(frozen::rounded_fraction(1.0F, 7)) == 0x3f80);
  CHECK(frozen::bfloat16_bits(frozen::rounded_fraction(1.00390625F, 7)) == 0x3f80);  // halfway, to even
  CHECK(frozen::bfloat16_bits(frozen::rounded_fraction(1.01171875F, 7)) == 0x3f82);
}

}  // namespace test_frozen
