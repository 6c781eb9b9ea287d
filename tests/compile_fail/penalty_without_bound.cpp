// expect: VariationalAutoencoder: add the penalty to a bound
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

using Model = VariationalAutoencoder<Sequential<Shape{12}, Dense<8>>, Sequential<Shape{2}, Dense<12>>, 2>;

void train(Model& model, const Dataset& data) {
  fit(model, data, MeanSquaredError{} + L1Activity{.weight = 0.1}, Adam{});
}
