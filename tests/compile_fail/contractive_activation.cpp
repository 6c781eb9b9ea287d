// expect: Contractive: the activation must be linear, relu, relu6, leaky_relu, hard_sigmoid, sigmoid, tanh, elu or
// softplus
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

using Model = Autoencoder<Sequential<Shape{12}, Contractive<Dense<8, gelu>, 0.1>>, Sequential<Shape{8}, Dense<12>>>;

void train(Model& model, const Dataset& data) { fit(model, data, MeanSquaredError{}, Adam{}); }
