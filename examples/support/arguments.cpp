#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <eigencoder/optimizers/any_optimizer.hpp>

namespace examples {

void add_run_options(CLI::App& app, Arguments& arguments, const std::string& where) {
  app.add_option("--report", arguments.report, "HTML file for a report of the training; none by default");
  app.add_option("--checkpoint", arguments.checkpoint,
                 "File that has the training after every epoch; by default only if it is interrupted by Ctrl-C, then "
                 "checkpoint.safetensors " +
                     where);
  app.add_flag("--resume", arguments.resume, "Go on from the checkpoint, if there is one");
}

Arguments parse_arguments(int argc, char** argv, const std::string& description, Arguments defaults) {
  Arguments chosen = std::move(defaults);
  if (chosen.data.empty()) chosen.data = EXAMPLE_DATA_DIR;
  double learning_rate = 0;

  CLI::App app{description};
  app.option_defaults()->always_capture_default()->take_last();
  app.add_option("--data", chosen.data, "Directory of MNIST, or of images in its format: IDX files, gzipped or not");
  app.add_option("--epochs", chosen.epochs, "Times that all images are trained on");
  app.add_option("--batch-size", chosen.batch_size, "Images to a training step");
  app.add_option("--optimizer", chosen.optimizer, "How a step is made of a gradient")
      ->check(CLI::IsMember(eigencoder::AnyOptimizer::names()));
  app.add_option("--loss", chosen.loss, "Binary crossentropy, mean squared or mean absolute error")
      ->check(CLI::IsMember({"bce", "mse", "mae"}));
  const auto* rate =
      app.add_option("--learning-rate", learning_rate, "Step size")
          ->default_str(chosen.learning_rate ? CLI::detail::to_string(*chosen.learning_rate)
                                             : "the optimizer's own: 0.01 for sgd, 0.001 for the others");
  app.add_option("--threads", chosen.threads, "Threads to train with; 0: all cores");
  app.add_option("--seed", chosen.seed, "Where all randomness comes from");
  app.add_option("--output", chosen.output, "Directory for the model, its history and the pictures");
  add_run_options(app, chosen, "in the output directory");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (rate->count() > 0) chosen.learning_rate = learning_rate;
  return chosen;
}

}  // namespace examples
