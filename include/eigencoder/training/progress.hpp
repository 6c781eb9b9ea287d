#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/history.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::training {

/// What a line on a terminal tells of a training.
struct ProgressLine {
  Index epoch = 0;  ///< from 0
  Index epochs = 1;
  double done = 0;  ///< of the epoch, 0 to 1
  double loss = 0;
  std::optional<double> validation_loss{};  ///< of the epoch before
  double learning_rate = 0;
  double samples_per_second = 0;
  double seconds_left = 0;

  /// The line with a bar, in at most `width` columns: where they do not suffice, what is needed least is left out.
  [[nodiscard]] std::string text(std::size_t width) const {
    const auto printed = [](const char* format, auto... values) {
      char text[128];
      std::snprintf(text, sizeof text, format, values...);
      return std::string(text);
    };
    const std::string head = printed("Epoch %td/%td", epoch + 1, epochs);
    std::vector<std::string> fields = {
        printed(" loss %.5f", loss), validation_loss ? printed(" val %.5f", *validation_loss) : std::string(),
        printed(" lr %.3g", learning_rate), printed(" %.0f samples/s", samples_per_second),
        " " + duration(seconds_left) + " left"};
    constexpr std::size_t smallest_bar = 6, largest_bar = 30, around = 3;  // a space and brackets
    std::size_t taken = head.size();
    for (const std::string& field : fields) taken += field.size();
    for (const std::size_t least : {2U, 3U, 1U, 4U}) {
      if (taken + smallest_bar + around <= width) break;
      taken -= std::exchange(fields[least], "").size();
    }
    std::string line = head;
    if (taken + smallest_bar + around <= width) {
      const std::size_t bar = std::min(largest_bar, width - taken - around);
      const auto full = static_cast<std::size_t>(std::clamp(done, 0.0, 1.0) * static_cast<double>(bar));
      line.append(" [").append(full, '=').append(bar - full, ' ').append("]");
    }
    for (const std::string& field : fields) line += field;
    line.resize(std::min(line.size(), width));
    return line;
  }

 private:
  /// "1:02:03", "2:03".
  static std::string duration(double seconds) {
    if (!(seconds < 1e8)) return "long";
    const auto all = static_cast<long>(std::ceil(seconds));
    char text[32];
    if (all >= 3600) {
      std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", all / 3600, all / 60 % 60, all % 60);
    } else {
      std::snprintf(text, sizeof text, "%ld:%02ld", all / 60, all % 60);
    }
    return text;
  }
};

/// Shows how far a training is, on the standard error stream: a bar with loss, learning rate, speed and time left on a
/// terminal, ten times a second and as wide as that is then; a line an epoch elsewhere.
class Progress {
 public:
  Progress(bool shown, Index epochs, Index samples)
      : shown_(shown), terminal_(shown && isatty(STDERR_FILENO) == 1), epochs_(epochs), samples_(samples) {}

  /// `done` samples of the epoch are trained on, with this mean loss so far; learning_rate() is the step's, asked for
  /// where it is shown. `now`: the time.
  template <class Rate>
  void step(Index epoch, Index done, double loss, const Rate& learning_rate,
            std::chrono::steady_clock::time_point now) {
    if (!terminal_) return;
    const double total = static_cast<double>(epoch) * static_cast<double>(samples_) + static_cast<double>(done);
    if (!began_) {
      began_ = {now, total};
      drawn_ = now;
      return;
    }
    if (done < samples_ && now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(now - began_->first).count();
    const double rate = (total - began_->second) / std::max(seconds, 1e-9);
    const double left = static_cast<double>(epochs_) * static_cast<double>(samples_) - total;
    const ProgressLine line{.epoch = epoch,
                            .epochs = epochs_,
                            .done = static_cast<double>(done) / static_cast<double>(samples_),
                            .loss = loss,
                            .validation_loss = validation_loss_,
                            .learning_rate = learning_rate(),
                            .samples_per_second = rate,
                            .seconds_left = left / std::max(rate, 1e-9)};
    std::fprintf(stderr, "\r\x1b[K%s", line.text(columns() - 1).c_str());
    std::fflush(stderr);
  }

  /// The epoch that the history's last entries tell of is over.
  void epoch(const History& history) {
    if (!history.validation_loss.empty()) validation_loss_ = history.validation_loss.back();
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

  /// The terminal's width now; it may change.
  static std::size_t columns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
  }

  bool shown_;
  bool terminal_;
  Index epochs_;
  Index samples_;
  /// When the first step was over, and how many samples of the training had been done then.
  std::optional<std::pair<Clock::time_point, double>> began_;
  Clock::time_point drawn_{};
  std::optional<double> validation_loss_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::training
