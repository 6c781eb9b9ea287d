#pragma once

#include "run.hpp"

namespace examples {

/// A variational autoencoder's example: trains `Model` on images, tells how likely it finds new ones, and leaves the
/// model, its history, ten test images over their reconstructions and a hundred images that it made up; then calls
/// more(model, images, results).
template <class Model, class Function>
int run_variational(int argc, char** argv, const std::string& description, Arguments defaults, const Function& more) {
  return guarded([&] {
    const Arguments arguments = parse_arguments(argc, argv, description, std::move(defaults));
    const Results results(arguments.output);
    const eigencoder::LabelledImages images = load_images(arguments.data);
    Model model{eigencoder::Seed{arguments.seed}};
    std::cout << eigencoder::summary(model) << "\n" << std::flush;

    with_loss(arguments.loss, [&](auto loss) {
      const eigencoder::History history =
          train(model, images.train, loss, arguments, fit_options(arguments, images.test));
      results.history(history);
      write_report(arguments, description, subject(model), history, images.test);
      std::cout << "active latent units " << history.metrics.at("active_latent_units").back() << " of "
                << Model::latent.size() << "\n"
                << "test images: negative evidence lower bound "
                << evaluate(model, images.test, eigencoder::EvidenceLowerBound<decltype(loss)>{})
                << " nats, negative log-likelihood at most "
                << negative_log_likelihood(model, images.test, 10, arguments.seed, loss) << " nats\n";
    });
    results.model(Parameters(model));
    const eigencoder::Dataset originals = images.test.slice(0, std::min<eigencoder::Index>(10, images.test.size()));
    results.images("reconstructions.png", {originals, model.reconstruct(originals)}, images.test.shape());
    results.images("samples.png", {model.sample(100, arguments.seed)}, images.test.shape());
    more(model, images, results);
    print_hash(model);
  });
}

}  // namespace examples
