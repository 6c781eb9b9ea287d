#pragma once

#include <eigencoder/eigencoder.hpp>
#include <eigencoder/optimizers/any_optimizer.hpp>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "checkpointing.hpp"
#include "guarded.hpp"
#include "results.hpp"

namespace examples {

[[nodiscard]] inline eigencoder::Dataset first_images(const eigencoder::Dataset& images, eigencoder::Index count) {
  return images.slice(0, std::min(count, images.size()));
}

/// Calls f with the loss of that name.
template <class Function>
auto with_loss(const std::string& name, const Function& f) {
  if (name == "bce") return f(eigencoder::BinaryCrossentropy{});
  if (name == "mse") return f(eigencoder::MeanSquaredError{});
  if (name == "mae") return f(eigencoder::MeanAbsoluteError{});
  throw std::invalid_argument("no loss is called " + name);
}

[[nodiscard]] inline eigencoder::FitOptions fit_options(const Arguments& arguments,
                                                        const eigencoder::Dataset& validation) {
  return {.epochs = arguments.epochs,
          .batch_size = arguments.batch_size,
          .validation = validation,
          .seed = arguments.seed,
          .threads = arguments.threads};
}

/// `fit`, with the arguments' optimizer and checkpoint, and the processes of a communicator, if there is one. Throws
/// Interrupted.
template <class Model, class Loss, class Communicator = eigencoder::Alone>
eigencoder::History train(Model& model, const eigencoder::Dataset& data, Loss loss, const Arguments& arguments,
                          eigencoder::FitOptions options, const Communicator& communicator = {}) {
  const eigencoder::AnyOptimizer optimizer(arguments.optimizer, arguments.learning_rate);
  const Checkpointing checkpointing(arguments, options);
  const eigencoder::History history = fit(model, data, loss, optimizer, options, communicator);
  on_all_ranks(communicator, [&] { checkpointing.finish(); });
  return history;
}

/// The last line of an example's output, by which trainings are compared: the hash of all parameters.
template <class Model>
void print_hash(const Model& model) {
  std::cout << "parameters " << eigencoder::parameter_hash(model) << "\n";
}

/// What a report asks of a model.
template <class Model>
[[nodiscard]] eigencoder::inspect::Subject subject(const Model& model) {
  return eigencoder::inspect::subject(model, eigencoder::MeanSquaredError{});
}

/// What an example may do differently: its options of training, its loss, and what it shows at the end.
struct Plain {
  static eigencoder::FitOptions options(eigencoder::FitOptions options) { return options; }
  template <class Loss>
  static Loss loss(Loss loss) {
    return loss;
  }
  /// Ten test images over their reconstructions.
  template <class Model>
  static void show(const Model& model, const eigencoder::LabelledImages& images, const Results& results) {
    const eigencoder::Dataset originals = first_images(images.test, 10);
    results.images("reconstructions.png", {originals, model.reconstruct(originals)}, images.test.shape());
  }
};

/// The whole of an autoencoder's example: trains `Model` on images, tests it, and leaves the model, its diagram, its
/// history and pictures.
template <class Model, class Variation = Plain>
int run(int argc, char** argv, const std::string& description, Arguments defaults = {},
        const Variation& variation = {}) {
  return guarded([&] {
    const Arguments arguments = parse_arguments(argc, argv, description, std::move(defaults));
    const Results results(arguments.output);
    const eigencoder::LabelledImages images = load_images(arguments.data);
    Model model{eigencoder::Seed{arguments.seed}};
    std::cout << eigencoder::summary(model) << "\n" << std::flush;
    results.diagram(to_dot(model));

    // The test images are what the training is validated with, noise and all, so its last entry is the test loss.
    const eigencoder::History history = with_loss(arguments.loss, [&](auto loss) {
      return train(model, images.train, variation.loss(loss), arguments,
                   variation.options(fit_options(arguments, images.test)));
    });
    results.history(history);
    results.model(Parameters(model));
    variation.show(model, images, results);
    write_report(arguments, description, subject(model), history, images.test);
    std::cout << "test loss " << history.validation_loss.back() << "\n";
    print_hash(model);
  });
}

}  // namespace examples
