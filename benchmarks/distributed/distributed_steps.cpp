/// Training steps of several processes, run by mpirun; `compare` runs it and makes tables of what it prints.
///
///     distributed_steps MODEL BATCH STEPS BLOCKS THREADS   a training: milliseconds a step, and what a rank sends
///     distributed_steps messages                           microseconds to exchange messages with a neighbour, by size
#include <eigencoder/distributed/mpi_communicator.hpp>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <numeric>

#include "../peers/eigencoder_models.hpp"
#include "../peers/protocol.hpp"

using namespace eigencoder;
using namespace peers;

namespace {

struct Counts {
  std::size_t messages = 0, bytes = 0;
};

/// Counts the messages that a rank sends.
class Counting {
 public:
  explicit Counting(const MpiCommunicator& communicator) : communicator_(communicator) {}
  [[nodiscard]] int rank() const { return communicator_.rank(); }
  [[nodiscard]] int size() const { return communicator_.size(); }
  void exchange(int other, std::span<const std::byte> send, std::span<std::byte> receive) const {
    counts_->messages += send.empty() ? 0 : 1;
    counts_->bytes += send.size();
    communicator_.exchange(other, send, receive);
  }

  [[nodiscard]] Counts counts() const { return *counts_; }

 private:
  MpiCommunicator communicator_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

struct Job {
  Index batch;
  int steps, blocks, threads;
};

/// Times blocks of steps after one that warms up; what a rank sends is that of one step.
template <class Model, class Communicator>
void time_steps(const Job& job, const MpiCommunicator& mpi, const Communicator& communicator) {
  const Samples data((Matrix<float>::Random(job.batch * job.steps, Model::input.size()).array() + 1) / 2);
  Model model{Seed{1}};
  Trainer<Model, BinaryCrossentropy, Adam, Communicator> trainer(model, BinaryCrossentropy{}, Adam{}, Seed{1},
                                                                 job.threads, communicator);
  std::vector<Index> indices(static_cast<std::size_t>(data.input.size()));
  std::iota(indices.begin(), indices.end(), Index{0});
  const auto step = [&](int number) {
    const auto size = static_cast<std::size_t>(job.batch);
    trainer.step(data, std::span(indices).subspan(static_cast<std::size_t>(number) * size, size));
  };
  step(0);
  Counts sent;
  if constexpr (std::same_as<Communicator, Counting>) {
    const Counts before = communicator.counts();
    step(0);
    sent = {communicator.counts().messages - before.messages, communicator.counts().bytes - before.bytes};
  }
  run_blocks(1, job.steps, step);
  const Blocks blocks = run_blocks(job.blocks, job.steps, step);
  if (mpi.rank() != 0) return;
  std::cout << "{\"parameters\": " << model.parameters().size() << ", \"messages\": " << sent.messages
            << ", \"bytes\": " << sent.bytes << ", \"ms\": [";
  for (std::size_t k = 0; k < blocks.size(); ++k) std::cout << (k > 0 ? ", " : "") << blocks[k];
  std::cout << "]}\n";
}

template <class Model>
void train(const Job& job, const MpiCommunicator& mpi) {
  if (mpi.size() == 1) {
    time_steps<Model>(job, mpi, Alone{});
  } else {
    time_steps<Model>(job, mpi, Counting(mpi));
  }
}

/// The least time in which the first two ranks exchange messages of each size.
void time_messages(const MpiCommunicator& mpi) {
  if (mpi.rank() == 0) std::cout << "{";
  for (std::size_t size = 8; size <= (std::size_t{1} << 23); size *= 4) {
    std::vector<std::byte> out(size), in(size);
    const int repeats = size < 100'000 ? 200 : 10;
    double least = std::numeric_limits<double>::infinity();
    for (const double ms : run_blocks(20, repeats, [&](int) {
           if (mpi.rank() < 2) mpi.exchange(1 - mpi.rank(), out, in);
         }))
      least = std::min(least, ms);
    if (mpi.rank() == 0) std::cout << (size > 8 ? ", " : "") << "\"" << size << "\": " << 1000 * least;
  }
  if (mpi.rank() == 0) std::cout << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  const MpiSession session(argc, argv);
  const MpiCommunicator mpi(MPI_COMM_WORLD);
  if (argc == 2) {
    time_messages(mpi);
    return 0;
  }
  const std::map<std::string, void (*)(const Job&, const MpiCommunicator&)> models{
      {"dense", train<DenseModel<relu>>},
      {"conv", train<Autoencoder<ConvEncoder, ConvDecoder>>},
      {"strided", train<Autoencoder<StridedEncoder, StridedDecoder>>},
      {"photo64", train<Photo<64>>},
      {"variational", train<Variational>},
  };
  const auto found = argc == 6 ? models.find(argv[1]) : models.end();
  if (found == models.end()) {
    std::cerr << "distributed_steps MODEL BATCH STEPS BLOCKS THREADS, or distributed_steps messages\n";
    return 2;
  }
  found->second({std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5])}, mpi);
}
