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

/// The whole of a plain autoencoder's example: trains `Model` on images, tests it, and leaves the model, its history
/// and ten test images over their reconstructions.
template <class Model>
int run(int argc, char** argv, const std::string& description, Arguments defaults = {}) {
  return guarded([&] {
    const Arguments arguments = parse_arguments(argc, argv, description, std::move(defaults));
    const Results results(arguments.output);
    const eigencoder::LabelledImages images = load_images(arguments.data);
    Model model{eigencoder::Seed{arguments.seed}};
    std::cout << eigencoder::summary(model) << "\n" << std::flush;

    const AnyOptimizer optimizer(arguments.optimizer, arguments.learning_rate);
    const double test_loss = with_loss(arguments.loss, [&](auto loss) {
      results.history(fit(model, images.train, loss, optimizer, fit_options(arguments, images.test)));
      return evaluate(model, images.test, loss);
    });
    results.model(Parameters(model));
    const eigencoder::Dataset originals = images.test.slice(0, std::min<eigencoder::Index>(10, images.test.size()));
    results.images("reconstructions.png", {originals, model.reconstruct(originals)}, images.test.shape());
    std::cout << "test loss " << test_loss << "\n";
  });
}

}  // namespace examples
