#pragma once

#include <eigencoder/eigencoder.hpp>
#include <string>

/// Small models that have among them every layer, activation and family that other formats can hold.
namespace test {

using namespace eigencoder;

/// An encoder with a decoder that leads from any code back to an image.
template <class Encoder>
class WithDecoder
    : public Autoencoder<Encoder, Sequential<Encoder::output, Flatten, Dense<Encoder::input.size(), sigmoid>,
                                             Reshape<Encoder::input>>> {
  using Base =
      Autoencoder<Encoder,
                  Sequential<Encoder::output, Flatten, Dense<Encoder::input.size(), sigmoid>, Reshape<Encoder::input>>>;

 public:
  using Base::Base;
};

using Activations =
    Autoencoder<Sequential<Shape{9}, Dense<8, relu>, Dense<8, relu6>, Dense<8, leaky_relu>, Dense<8, leaky_relu(0.1)>,
                           Dense<8, elu(0.5)>, Dense<8, selu>, Dense<7>>,
                Sequential<Shape{7}, Dense<8, hard_sigmoid>, Dense<8, activations::tanh, use_bias(false)>,
                           Dense<8, softplus>, Dense<8, softsign>, Dense<8, silu>, Dense<8, gelu>, Activation<elu>,
                           Dense<9, exponential>, Activation<sigmoid>>>;

using Convolutional = Autoencoder<Sequential<Shape{10, 10, 1}, Conv2D<6, 3, relu, same>, MaxPool2D<2, same>,
                                             Conv2D<4, 3, relu, same>, MaxPool2D<2, same>>,
                                  Sequential<Shape{3, 3, 4}, Conv2D<4, 3, relu, same>, UpSampling2D<2>,
                                             Conv2D<6, 3, gelu, same>, UpSampling2D<2>, Conv2D<1, 3, sigmoid>>>;

using Strided = Autoencoder<
    Sequential<Shape{8, 8, 3}, Conv2D<5, 3, relu, stride(2), same>, Conv2D<6, 3, relu, stride(2), same>, Flatten,
               Dense<7>>,
    Sequential<Shape{7}, Dense<24, relu>, Reshape<Shape{2, 2, 6}>, Conv2DTranspose<5, 3, relu, stride(2), same>,
               Conv2DTranspose<4, 3, relu, stride(2), same>, Conv2DTranspose<3, 3, sigmoid, same>>>;

using OddConvolutions =
    WithDecoder<Sequential<Shape{11, 13, 2}, Conv2D<3, Size{3, 5}, stride(2, 1), same, relu>,
                           Conv2D<4, 3, dilation(2), activations::tanh>, Conv2D<3, 2, dilation(1, 3), same>,
                           Conv2D<2, 2, stride(3), use_bias(false)>, Conv2D<5, 1, leaky_relu>>>;

using OddTransposed = WithDecoder<
    Sequential<Shape{3, 2, 2}, Conv2DTranspose<3, 1, stride(2), relu>, Conv2DTranspose<2, 2, stride(3)>,
               Conv2D<3, 3, stride(4), same>, Conv2DTranspose<2, Size{3, 5}, stride(2), same>,
               Conv2DTranspose<3, 4, stride(3), same, output_padding(2), use_bias(false)>, Conv2D<2, 5, stride(5)>,
               Conv2DTranspose<2, 3, stride(2), output_padding(1)>, Conv2DTranspose<2, 5, elu>>>;

using Pools = WithDecoder<Sequential<Shape{15, 17, 3}, MaxPool2D<3, stride(2), same>, AveragePool2D<2, stride(1), same>,
                                     MaxPool2D<Size{3, 2}, stride(1)>, AveragePool2D<3, stride(2), same>,
                                     Conv2D<4, 2, same>, GlobalAveragePool2D>>;

using Borders =
    WithDecoder<Sequential<Shape{4, 3, 2}, UpSampling2D<Size{3, 2}>, UpSampling2D<2, bilinear>,
                           ZeroPadding2D<Border{0, 1, 2, 3}>, Cropping2D<Border{3, 0, 1, 2}>, UpSampling2D<3, bilinear>,
                           Cropping2D<Size{20, 5}>, Dropout<0.5>, LayerNormalization, Activation<relu>>>;

/// An image of one cell is a flat value, too.
using OneCell = Autoencoder<Sequential<Shape{6}, LayerNormalization, Dense<5>, TopK<3>, Conv2D<4, 1, relu>, Dense<3>>,
                            Sequential<Shape{3}, Reshape<Shape{1, 1, 3}>, UpSampling2D<2>, TopK<7>, Flatten, Dense<6>>>;

using Contracting =
    Autoencoder<Sequential<Shape{6}, Contractive<Dense<4, sigmoid>, 0.1>>, Sequential<Shape{4}, Dense<6>>>;

using Quantized =
    Autoencoder<Sequential<Shape{6, 6, 1}, Conv2D<3, 3, stride(2), same>, VectorQuantizer<7>>,
                Sequential<Shape{3, 3, 3}, Conv2DTranspose<4, 3, stride(2), same, relu>, Conv2D<1, 3, same>>>;

using Variational = VariationalAutoencoder<Sequential<Shape{9}, Dense<8, relu>>,
                                           Sequential<Shape{3}, Dense<8, relu>, Dense<9, sigmoid>>, 3>;

using Conditional =
    VariationalAutoencoder<Sequential<Shape{9}, ConcatenateLabel<4>, Dense<8, relu>>,
                           Sequential<Shape{3}, ConcatenateLabel<4>, Dense<8, relu>, Dense<9, sigmoid>>, 3>;

using Precise = Autoencoder<Sequential<Shape{5}, Dense<3, softplus>>, Sequential<Shape{3}, Dense<5>>, double>;

/// All parameters random, biases, too.
template <class Model>
void randomize(Model& model) {
  Random random(Seed{7}, Stream::corruption);
  for (auto& value : model.parameters())
    value += static_cast<typename Model::Scalar>(0.2 * random.template normal<double>());
}

/// f(name, model) for each, randomized.
template <class Function>
void for_each_model(const Function& f) {
  const auto visit = [&]<class Model>(const char* name, Model model) {
    randomize(model);
    f(std::string(name), model);
  };
  visit("activations", Activations{Seed{1}});
  visit("convolutional", Convolutional{Seed{2}});
  visit("strided", Strided{Seed{3}});
  visit("odd_convolutions", OddConvolutions{Seed{4}});
  visit("odd_transposed", OddTransposed{Seed{5}});
  visit("pools", Pools{Seed{6}});
  visit("borders", Borders{Seed{7}});
  visit("one_cell", OneCell{Seed{8}});
  visit("contracting", Contracting{Seed{9}});
  visit("quantized", Quantized{Seed{10}});
  visit("variational", Variational{Seed{11}});
  visit("conditional", Conditional{Seed{12}});
  visit("precise", Precise{Seed{13}});
}

/// Samples in [0, 1] for a model, labelled if it wants that.
template <class Model>
Dataset samples_for(Index count) {
  Random random(Seed{99}, Stream::corruption);
  Matrix<float> values(count, Model::input.size());
  for (float& value : values.reshaped()) value = random.template uniform<float>();
  const Dataset data(std::move(values));
  constexpr int classes = Model::Network::template classes<0, Model::Network::count>();
  if (classes == 0) return data;
  std::vector<int> labels(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int>(i) % classes;
  return data.with_labels(labels);
}

}  // namespace test
