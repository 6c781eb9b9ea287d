#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/history.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// Shows how far a training is, on the standard error stream: a bar with loss, rate and time left on a terminal, a line
/// an epoch elsewhere.
class Progress {
 public:
  Progress(bool shown, Index epochs, Index samples)
      : shown_(shown), terminal_(shown && isatty(STDERR_FILENO) == 1), epochs_(epochs), samples_(samples) {}

  /// `done` samples of the epoch are trained on, with this mean loss so far.
  void step(Index epoch, Index done, double loss) {
    if (!terminal_) return;
    const auto now = Clock::now();
    if (done < samples_ && now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double total = static_cast<double>(epoch) * static_cast<double>(samples_) + static_cast<double>(done);
    const double rate = total / std::max(seconds, 1e-9);
    const double left = (static_cast<double>(epochs_) * static_cast<double>(samples_) - total) / std::max(rate, 1e-9);
    constexpr int width = 24;
    char bar[width + 1] = {};
    for (int i = 0; i < width; ++i)
      bar[i] = static_cast<double>(i) * static_cast<double>(samples_) < static_cast<double>(done) * width ? '=' : ' ';
    std::fprintf(stderr, "\r\x1b[KEpoch %td/%td [%s] loss %.5f  %.0f samples/s  %.0f s left", epoch + 1, epochs_, bar,
                 loss, rate, left);
    std::fflush(stderr);
  }

  /// The epoch that the history's last entries tell of is over.
  void epoch(const History& history) const {
    if (!shown_) return;
    std::fprintf(stderr, "%sEpoch %zu/%td: loss %.5f", terminal_ ? "\r\x1b[K" : "", history.epochs(), epochs_,
                 history.loss.back());
    if (!history.validation_loss.empty())
      std::fprintf(stderr, ", validation loss %.5f", history.validation_loss.back());
    for (const auto& [name, values] : history.metrics)
      if (!values.empty()) std::fprintf(stderr, ", %s %.5g", name.c_str(), values.back());
    std::fprintf(stderr, ", %.2f s, %.0f samples/s\n", history.seconds.back(), history.samples_per_second.back());
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  bool terminal_;
  Index epochs_;
  Index samples_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_{};
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
