#pragma once

#include <concepts>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/noise/augmentation.hpp>
#include <eigencoder/noise/corruption.hpp>
#include <eigencoder/threads/workers.hpp>
#include <eigencoder/training/callbacks.hpp>
#include <eigencoder/training/resume.hpp>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A whole number in an options struct: anything but an integer is refused with a sentence, not with a rounding; and
/// one that does not fit into an Index with std::invalid_argument.
struct Count {
  Index value = 0;

  constexpr Count() = default;
  template <class Integer>
  constexpr explicit(false) Count(Integer v) : value(static_cast<Index>(v)) {
    static_assert(std::integral<Integer> && !std::same_as<Integer, bool>,
                  "FitOptions: epochs, batch_size and threads are whole numbers");
    if (!std::in_range<Index>(v)) throw std::invalid_argument("FitOptions: " + std::to_string(v) + " is too large");
  }
  constexpr explicit(false) operator Index() const { return value; }
};

/// How `fit` trains. Names and meanings are Keras's.
struct FitOptions {
  Count epochs = 1;
  Count batch_size = 32;
  /// Whether every epoch visits the samples in another order.
  bool shuffle = true;
  /// For data that do not fit in memory, see data/mapped.hpp: how many samples that lie beside each other are shuffled
  /// among each other, rounded up to whole batches, and the blocks of them likewise; see training::Order. 0: all among
  /// all.
  Count shuffle_block = 0;
  /// The share of the data, taken from its end, that is not trained on but evaluated after every epoch; in [0, 1).
  double validation_split = 0;
  /// Or the data to evaluate; goes before validation_split.
  Dataset validation{};
  /// What the model should make of each sample, if not the sample itself; as many as there are data.
  Dataset targets{};
  /// And of each validation sample.
  Dataset validation_targets{};
  /// Noise on the samples that the model sees, fresh in every epoch, while the targets stay clean.
  Corruption corruption{};
  /// Transforms of each sample and its target alike, fresh in every epoch, such as {RandomFlip{}, RandomRotation{}};
  /// not of what is validated with, nor of targets of another shape than the samples'.
  Augmentation augmentation{};
  /// What each sample counts for: the loss is sum_i w_i l_i / n over a batch's n samples, and what layers and penalties
  /// add and report is averaged with the same weights, so let their mean be 1. Finite numbers >= 0, one a sample;
  /// empty: all 1. With validation_split, the samples held back keep theirs.
  Eigen::VectorXd sample_weights{};
  /// Called after every epoch, such as {EarlyStopping{.patience = 5}, ReduceLROnPlateau{}}; see EpochEnd.
  Callbacks on_epoch_end{};
  /// Called after every step, before those of `on_epoch_end` that look at steps; see StepEnd.
  StepCallbacks on_step_end{};
  /// Orders and noise follow from it. The same seed gives the same parameters, bit for bit,
  /// with any number of threads.
  Seed seed{};
  /// 0: as many as the machine has cores. More than that, or than a batch has micro-batches (see `summary`), count as
  /// that many.
  Count threads = 0;
  /// With several processes, whether each has the optimiser's memory of a part of the parameters only, moves these, and
  /// gets the others from those that moved them. The result is the same, bit for bit, and so are the messages' bytes
  /// (but for clipping, which looks at the whole gradient). Source: Rajbhandari et al., "ZeRO: memory optimizations
  /// toward training trillion parameter models", 2020, stage 1.
  bool shard_optimizer = false;
  /// A bar on a terminal, a line an epoch elsewhere; on the standard error stream.
  bool progress = true;
  /// Whether what is probably a mistake is said on the standard error stream, such as targets that the model's last
  /// activation cannot give.
  bool warnings = true;
  /// A checkpoint to go on from, written by a callback `Checkpoint`, see io/checkpoint.hpp. The training then ends with
  /// the same parameters and history, bit for bit, as if it had never been interrupted. `epochs` may be more than
  /// there, `progress` and `warnings` may differ; all else must be the same.
  Resume resume{};

  /// Throws std::invalid_argument that names the option.
  void check() const {
    const auto require = [](bool good, const std::string& message) {
      if (!good) throw std::invalid_argument("FitOptions: " + message);
    };
    require(epochs >= 1, "epochs is " + std::to_string(epochs) + "; expected at least 1");
    require(batch_size >= 1, "batch_size is " + std::to_string(batch_size) + "; expected at least 1");
    require(shuffle_block >= 0, "shuffle_block is " + std::to_string(shuffle_block) + "; expected at least 0");
    (void)Workers::count(threads, 1);
    require(validation_split >= 0 && validation_split < 1,
            "validation_split is " + std::to_string(validation_split) + "; expected a value in [0, 1)");
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
