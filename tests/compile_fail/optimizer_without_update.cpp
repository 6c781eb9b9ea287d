// expect: optimizer: `template <class Scalar> void update(
// expect: RequireOptimizer<Still>
// at most: 1 error
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

struct Still {
  LearningRate learning_rate = 0.1;
  static constexpr std::string_view name = "Still";
  static constexpr int slots = 0;
};

Autoencoder<Sequential<Shape{12}, Dense<4>>, Sequential<Shape{4}, Dense<12>>> model;

void train(const Dataset& data) { fit(model, data, MeanSquaredError{}, Still{}); }
