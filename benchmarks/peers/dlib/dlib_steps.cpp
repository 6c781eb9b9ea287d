/// dlib: training steps of the dense autoencoder, and reconstructions. Its one variant is `default`; the number of
/// threads is that of the BLAS library, given by the environment.
///
/// dlib has no binary cross-entropy with grey targets: the squared error, which costs it less, stands in.

#include <dlib/dnn.h>

#include <algorithm>
#include <memory>
#include <random>

#include "../protocol.hpp"

namespace {

using Network = dlib::loss_mean_squared_multioutput<
    dlib::sig<dlib::fc<784, dlib::relu<dlib::fc<32, dlib::input<dlib::matrix<float>>>>>>>;

class Steps {
 public:
  Steps(int batch, int steps) : inputs_(steps), labels_(steps), solvers_(6, dlib::adam(0, 0.9, 0.999)) {
    std::mt19937 generator(1);
    std::uniform_real_distribution<float> uniform;
    for (int k = 0; k < steps; ++k) {
      labels_[k].assign(batch, dlib::matrix<float>(784, 1));
      for (auto& sample : labels_[k]) std::generate(sample.begin(), sample.end(), [&] { return uniform(generator); });
      network_.to_tensor(labels_[k].begin(), labels_[k].end(), inputs_[k]);
    }
  }

  void train(int number) {
    network_.compute_parameter_gradients(inputs_[number], labels_[number].begin());
    network_.update_parameters(solvers_, 1e-3);
  }
  void infer(int number) { network_.subnet().forward(inputs_[number]).host(); }

 private:
  Network network_;
  std::vector<dlib::resizable_tensor> inputs_;
  std::vector<std::vector<dlib::matrix<float>>> labels_;
  std::vector<dlib::adam> solvers_;
};

}  // namespace

int main() {
  std::unique_ptr<Steps> steps;
  int batch = 0, batches = 0;
  peers::serve([&](const peers::Request& request) {
    if (request.model != "dense") throw std::invalid_argument("no " + request.model + " in dlib");
    const bool train = request.what == "train";
    const auto step = [&](int number) { train ? steps->train(number) : steps->infer(number); };
    if (!steps || batch != request.batch || batches != request.steps) {
      batch = request.batch;
      batches = request.steps;
      steps = std::make_unique<Steps>(batch, batches);
      for (int number = 0; number < batches; ++number) steps->train(number);
    }
    return peers::run_blocks(request.blocks, request.steps, step);
  });
}
