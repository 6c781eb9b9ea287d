// Run by mpirun: what ranks do together, by MPI. The tests of the same with threads are in test_ranks.cpp.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <eigencoder/distributed/mpi_communicator.hpp>
#include <eigencoder/distributed/ranks.hpp>
#include <vector>

using namespace eigencoder;

namespace {

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

void sums(const MpiCommunicator& communicator) {
  distributed::Ranks ranks(communicator);
  const auto own = ranks.shards(8);
  std::vector<double> values(1'000'000, std::ldexp(1.0, static_cast<int>(own.first)));
  ranks.sum(std::span(values));
  double expected = 0;
  for (int rank = 0; rank < ranks.size(); ++rank)
    expected += std::ldexp(1.0, static_cast<int>(distributed::RankTree(rank, ranks.size()).shards(8).first));
  for (const double value : values) require(value == expected, "another sum");
}

/// As a user's program would, that goes on after an exception.
void faults(const MpiCommunicator& communicator) {
  const int last = communicator.size() - 1;
  std::string sentence;
  try {
    on_all_ranks(communicator, [&] { require(communicator.rank() != last, "the last rank's data are bad"); });
  } catch (const std::runtime_error& error) {
    sentence = error.what();
  }
  require(sentence == "the last rank's data are bad", "another exception");

  // A message that does not fit is MPI's error, and an exception here.
  bool thrown = false;
  std::byte bytes[2]{};
  try {
    const int other = communicator.rank() ^ 1;
    if (other <= last) {
      const bool even = communicator.rank() % 2 == 0;
      communicator.exchange(other, std::span(bytes, even ? 2 : 0), std::span(bytes, even ? 0 : 1));
    }
  } catch (const CommunicationError&) {
    thrown = true;
  }
  require(thrown == (communicator.rank() % 2 == 1), "expected an error of the odd ranks");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const MpiSession session(argc, argv);
    const MpiCommunicator communicator(MPI_COMM_WORLD);
    const MpiCommunicator copy = communicator;
    sums(copy);
    faults(copy);
    // The others wait, as they would in the midst of a training, for a rank that will never come.
    if (argc > 1 && std::strcmp(argv[1], "--leave") == 0) {
      require(communicator.rank() != 0, "rank 0 leaves");
      distributed::Ranks(communicator).agree();
    }
    if (communicator.rank() == 0) std::puts("all sums and faults are as expected");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
