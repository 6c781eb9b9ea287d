#pragma once

// Without the bindings for C++, which MPI 3 has no more.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <eigencoder/core/target.hpp>
#include <eigencoder/distributed/communicator.hpp>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The processes of an MPI communicator, to train on: `fit(model, data, loss, Adam{}, options,
/// MpiCommunicator(MPI_COMM_WORLD))`, called by all of them.
///
/// It is a duplicate, so that no message of the program's own is taken for one of the library's. Copies share it; the
/// last one frees it. What MPI reports becomes a CommunicationError.
class MpiCommunicator {
 public:
  /// All processes of `original` must call this. Throws std::invalid_argument unless MPI was initialised for threads,
  /// as by MpiSession.
  explicit MpiCommunicator(MPI_Comm original) {
    int initialized = 0, level = MPI_THREAD_SINGLE;
    check(MPI_Initialized(&initialized));
    if (initialized != 0) check(MPI_Query_thread(&level));
    if (level < MPI_THREAD_FUNNELED)
      throw std::invalid_argument(
          "MpiCommunicator: MPI is not initialised for programs with threads; make an MpiSession at the beginning of "
          "main, or call MPI_Init_thread with MPI_THREAD_FUNNELED");
    MPI_Comm duplicate = MPI_COMM_NULL;
    check(MPI_Comm_dup(original, &duplicate));
    communicator_ = std::make_shared<const Owned>(duplicate);
    check(MPI_Comm_set_errhandler(duplicate, MPI_ERRORS_RETURN));
    check(MPI_Comm_rank(duplicate, &rank_));
    check(MPI_Comm_size(duplicate, &size_));
  }

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }

  /// See concepts::Communicator. Throws CommunicationError.
  void exchange(int other, std::span<const std::byte> send, std::span<std::byte> receive) const {
    // MPI counts in int.
    constexpr std::size_t most = std::size_t{1} << 30;
    do {
      const auto out = send.first(std::min(send.size(), most));
      const auto in = receive.first(std::min(receive.size(), most));
      const auto peer = [&](bool none) { return none ? MPI_PROC_NULL : other; };
      check(MPI_Sendrecv(out.data(), static_cast<int>(out.size()), MPI_BYTE, peer(out.empty()), 0, in.data(),
                         static_cast<int>(in.size()), MPI_BYTE, peer(in.empty()), 0, communicator_->value,
                         MPI_STATUS_IGNORE));
      send = send.subspan(out.size());
      receive = receive.subspan(in.size());
    } while (!send.empty() || !receive.empty());
  }

 private:
  struct Owned {
    explicit Owned(MPI_Comm comm) : value(comm) {}
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() {
      int finalized = 0;
      if (MPI_Finalized(&finalized) == MPI_SUCCESS && finalized == 0) MPI_Comm_free(&value);
    }
    MPI_Comm value;
  };

  static void check(int code) {
    if (code == MPI_SUCCESS) return;
    char text[MPI_MAX_ERROR_STRING] = "an unknown error";
    int length = 0;
    MPI_Error_string(code, text, &length);
    throw CommunicationError("MpiCommunicator: " + std::string(text));
  }

  std::shared_ptr<const Owned> communicator_;
  int rank_ = 0;
  int size_ = 1;
};

/// MPI, from the beginning of `main` to its end, for programs with threads of which only the main one sends messages.
/// A program that leaves it by an exception is aborted, all of its ranks: the others might wait for this one for ever.
class MpiSession {
 public:
  MpiSession(int& argc, char**& argv) {
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  }
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  ~MpiSession() {
    if (std::uncaught_exceptions() > exceptions_) MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Finalize();
  }

 private:
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
