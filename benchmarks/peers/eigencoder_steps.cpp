/// Eigencoder: whole training steps and reconstructions, by `fit` and `reconstruct` as any user calls them; a single
/// sample's reconstruction is a Predictor's. Its one variant is `default`.

#include <eigencoder/eigencoder.hpp>
#include <map>
#include <memory>

#include "protocol.hpp"

namespace {

using namespace eigencoder;
using peers::Blocks;
using peers::Request;

/// A contest for one model: what `serve` calls, whatever the model's type.
using Contest = std::function<Blocks(const Request&)>;

template <class Model, class Loss>
Contest contest(const Loss& loss, int threads) {
  const auto model = std::make_shared<Model>(Seed{1});
  return [=](const Request& request) -> Blocks {
    const Index batch = request.batch, count = batch * request.steps;
    const Matrix<float> data = (Matrix<float>::Random(count, Model::input.size()).array() + 1) / 2;
    if (request.what == "infer" && batch == 1) {
      Predictor predictor(*model);
      std::vector<float> y(static_cast<std::size_t>(Model::input.size()));
      return peers::run_blocks(request.blocks, request.steps, [&](int number) {
        predictor.reconstruct(std::span(data.row(number).data(), y.size()), y);
      });
    }
    if (request.what == "infer") {
      return peers::run_blocks(request.blocks, request.steps, [&](int number) {
        (void)model->reconstruct(data.middleRows(number * batch, batch), threads);
      });
    }
    // The first epoch warms up.
    const History history = fit(
        *model, data, loss, Adam{},
        {.epochs = request.blocks + 1, .batch_size = batch, .shuffle = false, .threads = threads, .progress = false});
    Blocks result;
    for (std::size_t epoch = 1; epoch < history.epochs(); ++epoch)
      result.push_back(1000 * history.seconds[epoch] / request.steps);
    return result;
  };
}

template <auto Activation>
using DenseModel =
    Autoencoder<Sequential<Shape{784}, Dense<32, Activation>>, Sequential<Shape{32}, Dense<784, sigmoid>>>;

using ConvEncoder =
    Sequential<Shape{28, 28, 1}, Conv2D<16, 3, relu, same>, MaxPool2D<2, same>, Conv2D<8, 3, relu, same>,
               MaxPool2D<2, same>, Conv2D<8, 3, relu, same>, MaxPool2D<2, same>>;
using ConvDecoder = Sequential<ConvEncoder::output, Conv2D<8, 3, relu, same>, UpSampling2D<2>, Conv2D<8, 3, relu, same>,
                               UpSampling2D<2>, Conv2D<16, 3, relu>, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>;

using StridedEncoder = Sequential<Shape{28, 28, 1}, Conv2D<32, 3, stride(2), relu, same>,
                                  Conv2D<64, 3, stride(2), relu, same>, Flatten, Dense<32>>;
using StridedDecoder = Sequential<Shape{32}, Dense<7 * 7 * 64, relu>, Reshape<Shape{7, 7, 64}>,
                                  Conv2DTranspose<64, 3, stride(2), relu, same>,
                                  Conv2DTranspose<32, 3, stride(2), relu, same>, Conv2DTranspose<1, 3, sigmoid, same>>;

/// Colour images of Size x Size pixels.
template <Index Size, Index Rest = Size / 16>
using Photo = Autoencoder<
    Sequential<Shape{Size, Size, 3}, Conv2D<32, 3, stride(2), relu, same>, Conv2D<64, 3, stride(2), relu, same>,
               Conv2D<128, 3, stride(2), relu, same>, Conv2D<256, 3, stride(2), relu, same>, Flatten, Dense<128>>,
    Sequential<Shape{128}, Dense<Rest * Rest * 256, relu>, Reshape<Shape{Rest, Rest, 256}>,
               Conv2DTranspose<128, 3, stride(2), relu, same>, Conv2DTranspose<64, 3, stride(2), relu, same>,
               Conv2DTranspose<32, 3, stride(2), relu, same>, Conv2DTranspose<3, 3, stride(2), sigmoid, same>>>;

using Variational = VariationalAutoencoder<Sequential<Shape{784}, Dense<400, relu>>,
                                           Sequential<Shape{20}, Dense<400, relu>, Dense<784, sigmoid>>, 20>;

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const std::map<std::string, Contest> contests{
      {"dense", contest<DenseModel<relu>>(BinaryCrossentropy{}, threads)},
      {"conv", contest<Autoencoder<ConvEncoder, ConvDecoder>>(BinaryCrossentropy{}, threads)},
      {"strided", contest<Autoencoder<StridedEncoder, StridedDecoder>>(BinaryCrossentropy{}, threads)},
      {"photo64", contest<Photo<64>>(BinaryCrossentropy{}, threads)},
      {"photo128", contest<Photo<128>>(BinaryCrossentropy{}, threads)},
      {"variational", contest<Variational>(BinaryCrossentropy{}, threads)},
      {"sparse", contest<DenseModel<sigmoid>>(BinaryCrossentropy{} + KlSparsity{.rho = 0.05, .weight = 1e-3}, threads)},
  };
  peers::serve([&](const Request& request) {
    const auto found = contests.find(request.model);
    if (found == contests.end()) throw std::invalid_argument("no model " + request.model);
    return found->second(request);
  });
}
