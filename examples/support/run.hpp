#pragma once

#include <eigencoder/eigencoder.hpp>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "any_optimizer.hpp"
#include "arguments.hpp"
#include "results.hpp"

namespace examples {

/// Runs the body of an example's main: an exception becomes its message and exit status 1.
template <class Function>
int guarded(const Function& body) {
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}

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

    const AnyOptimizer optimizer(arguments.optimizer, arguments.learning_rate);
    // The test images are what the training is validated with, noise and all, so its last entry is the test loss.
    const double test_loss = with_loss(arguments.loss, [&](auto loss) {
      const auto options = variation.options(fit_options(arguments, images.test));
      const eigencoder::History history = fit(model, images.train, variation.loss(loss), optimizer, options);
      results.history(history);
      return history.validation_loss.back();
    });
    results.model(Parameters(model));
    variation.show(model, images, results);
    std::cout << "test loss " << test_loss << "\n";
  });
}

}  // namespace examples
