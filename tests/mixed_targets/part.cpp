// Compiled twice, as first_part and second_part, for two instruction sets: the usual way to dispatch at run time. Only
// a plain array crosses the border.
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

double PART(const float* values, Index samples) {
  using Encoder = Sequential<Shape{30}, Dense<16, relu>, Dense<4>>;
  using Decoder = Sequential<Encoder::output, Dense<30>>;
  const Eigen::Map<const Matrix<float>> x(values, samples, 30);
  Autoencoder<Encoder, Decoder> model{Seed{1}};
  return fit(model, x, MeanSquaredError{}, Adam{}, {.epochs = 3, .threads = 1, .progress = false}).loss.back();
}
