/// Eigencoder: whole training steps and reconstructions, by `fit` and `reconstruct` as any user calls them; a single
/// sample's reconstruction is a Predictor's. Its one variant is `default`.

#include <eigencoder/eigencoder.hpp>
#include <map>
#include <memory>

#include "eigencoder_models.hpp"
#include "protocol.hpp"

namespace {

using namespace eigencoder;
using namespace peers;

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
      return run_blocks(request.blocks, request.steps,
                        [&](int number) { predictor.reconstruct(std::span(data.row(number).data(), y.size()), y); });
    }
    if (request.what == "infer") {
      return run_blocks(request.blocks, request.steps,
                        [&](int number) { (void)model->reconstruct(data.middleRows(number * batch, batch), threads); });
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
  serve([&](const Request& request) {
    const auto found = contests.find(request.model);
    if (found == contests.end()) throw std::invalid_argument("no model " + request.model);
    return found->second(request);
  });
}
