#include "checkpointing.hpp"

#include <pthread.h>

#include <csignal>
#include <eigencoder/io/checkpoint.hpp>
#include <iostream>

namespace examples {

using namespace eigencoder;

struct HeldSignals::Masks {
  sigset_t held{}, before{};
};

HeldSignals::HeldSignals() : masks_(std::make_unique<Masks>()) {
  sigemptyset(&masks_->held);
  sigaddset(&masks_->held, SIGINT);
  sigaddset(&masks_->held, SIGTERM);
  // Threads made from now on hold them back, too.
  pthread_sigmask(SIG_BLOCK, &masks_->held, &masks_->before);
}

HeldSignals::~HeldSignals() { pthread_sigmask(SIG_SETMASK, &masks_->before, nullptr); }

int HeldSignals::pending() const {
  sigset_t pending;
  sigpending(&pending);
  for (const int signal : {SIGINT, SIGTERM})
    if (sigismember(&pending, signal) == 1) return signal;
  return 0;
}

void HeldSignals::take() const {
  int signal = 0;
  while (pending() != 0) sigwait(&masks_->held, &signal);
}

Checkpointing::Checkpointing(const Arguments& arguments, FitOptions& options)
    : file_(arguments.checkpoint.empty() ? arguments.output / "checkpoint.safetensors" : arguments.checkpoint) {
  options.on_epoch_end.push_back(Checkpoint{.path = file_,
                                            .every = arguments.checkpoint.empty() ? 0 : 1,
                                            .stop_when = [this] { return stopping_ = signals_.pending() != 0; }});
  if (!arguments.resume) return;
  if (std::filesystem::exists(file_)) {
    options.resume = file_;
  } else {
    std::cerr << "there is no " << file_.string() << " to resume: starting from the beginning\n";
  }
}

void Checkpointing::finish() const {
  if (!stopping_) return;
  const int signal = signals_.pending();
  signals_.take();
  throw Interrupted{signal, file_};
}

}  // namespace examples
