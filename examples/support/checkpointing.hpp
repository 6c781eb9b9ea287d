#pragma once

#include <eigencoder/training/fit_options.hpp>
#include <filesystem>
#include <memory>

#include "arguments.hpp"

namespace examples {

/// A training was ended by SIGINT or SIGTERM, and its state is in a file.
struct Interrupted {
  int signal;
  std::filesystem::path file;
};

/// Holds SIGINT and SIGTERM back as long as it lives: a program asks for them when it suits it.
class HeldSignals {
 public:
  HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  /// What nobody took has its usual effect now.
  ~HeldSignals();

  /// The one that has come, 0 if none.
  [[nodiscard]] int pending() const;
  /// Takes it.
  void take() const;

 private:
  struct Masks;
  std::unique_ptr<Masks> masks_;
};

/// Makes a training one that can be interrupted and resumed, as the arguments say: it saves itself in --checkpoint
/// after every epoch; on SIGINT and SIGTERM it finishes its step, saves itself there or in the output directory, and
/// ends.
class Checkpointing {
 public:
  /// Adds to the options what `fit` needs for that. This must outlive the training.
  Checkpointing(const Arguments& arguments, eigencoder::FitOptions& options);

  /// After `fit`: throws Interrupted if the training was.
  void finish() const;

 private:
  HeldSignals signals_;
  std::filesystem::path file_;
  bool stopping_ = false;
};

}  // namespace examples
