// dense_autoencoder by several processes, on one machine or many: mpirun -n 4 distributed_autoencoder. It ends with the
// same parameters, whatever their number.
#include <eigencoder/distributed/mpi_communicator.hpp>

#include "support/run.hpp"

using namespace eigencoder;

using Encoder = Sequential<Shape{784}, Dense<32, relu>>;
using Decoder = Sequential<Encoder::output, Dense<784, sigmoid>>;

int main(int argc, char** argv) {
  const std::string description = "A dense autoencoder of images, 784 - 32 - 784, trained by all processes of mpirun";
  const examples::Arguments arguments = examples::parse_arguments(argc, argv, description, {});
  const MpiSession session(argc, argv);
  return examples::guarded([&] {
    const MpiCommunicator communicator(MPI_COMM_WORLD);
    const bool is_first = communicator.rank() == 0;
    if (!is_first)
      for (std::ostream* stream : {&std::cout, &std::cerr}) stream->setstate(std::ios::failbit);

    LabelledImages images;
    on_all_ranks(communicator, [&] {
      images = examples::load_images(arguments.data);
      if (is_first) std::filesystem::create_directories(arguments.output);
    });
    Autoencoder<Encoder, Decoder> model{Seed{arguments.seed}};
    std::cout << summary(model) << "\n" << std::flush;
    const History history = examples::with_loss(arguments.loss, [&](auto loss) {
      return examples::train(model, images.train, loss, arguments, examples::fit_options(arguments, images.test),
                             communicator);
    });
    on_all_ranks(communicator, [&] {
      if (!is_first) return;
      const examples::Results results(arguments.output);
      results.history(history);
      results.model(examples::Parameters(model));
      examples::Plain::show(model, images, results);
      examples::write_report(arguments, description, examples::subject(model), history, images.test);
    });
    std::cout << "test loss " << history.validation_loss.back() << "\n";
    examples::print_hash(model);
  });
}
