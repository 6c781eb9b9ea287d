#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/safetensors.hpp>
using namespace eigencoder;

using Encoder = Sequential<Shape{6}, Dense<3, relu>>;
using Model = Autoencoder<Encoder, Sequential<Encoder::output, Dense<6, sigmoid>>>;

void save_model(const Model& model) { save(model, "model.safetensors"); }
