#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <eigencoder/training/callbacks.hpp>
#include <filesystem>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Saves the model as training goes on, to be read by `load`: the best one so far, or that of every n-th epoch. Each
/// file is written whole or not at all. (To go on with a training, see Checkpoint.) Keras: ModelCheckpoint.
///
///     ModelCheckpoint{.path = "best.safetensors", .save_best_only = true}
///     ModelCheckpoint{.path = "model-{epoch}.safetensors", .every = 10}
struct ModelCheckpoint {
  /// "{epoch}" in it stands for the epoch's number, from 1.
  std::filesystem::path path;
  /// Epochs from one file to the next.
  Index every = 1;
  /// Only if `monitor` is better by more than min_delta than in all files before.
  bool save_best_only = false;
  /// "validation_loss", "loss" or the name of a metric in the history.
  std::string monitor = "validation_loss";
  double min_delta = 0;
  /// Whether a larger value is better.
  bool maximize = false;

  void operator()(EpochEnd& end) {
    detail::require_callback(every >= 1 && min_delta >= 0, "ModelCheckpoint: every must be >= 1, min_delta >= 0");
    if ((end.epoch() + 1) % every != 0) return;
    if (save_best_only && !best_.improve(end.value(monitor), min_delta, maximize)) return;
    end.model().visit([&](const auto& model) { save(model, path_of(end.epoch() + 1)); });
  }

  template <class F>
  void memory(F&& f) {
    f(best_.ascending());
  }

  // Not an option: its own memory.
  detail::Best best_{};

 private:
  [[nodiscard]] std::filesystem::path path_of(Index epoch) const {
    constexpr std::string_view placeholder = "{epoch}";
    std::string text = path.string();
    for (std::size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos;)
      text.replace(at, placeholder.size(), std::to_string(epoch));
    return text;
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
