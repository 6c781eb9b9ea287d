#pragma once

/// The whole library, needing Eigen alone. What needs another package is included by its own name:
<<<<<<< HEAD
/// data/idx.hpp (zlib), io/safetensors.hpp (nlohmann/json), io/png.hpp (libpng). So are the uses in applications/.
=======
/// data/idx.hpp (zlib), io/safetensors.hpp (nlohmann/json), io/png.hpp (libpng). So are the applications.
>>>>>>> 2188de7 (Detect anomalies in tables and images at a promised rate of false alarms)

#include <eigencoder/core/version.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/missing.hpp>
#include <eigencoder/inspect/code_indices.hpp>
#include <eigencoder/inspect/diagram.hpp>
#include <eigencoder/inspect/image_quality.hpp>
#include <eigencoder/inspect/revive_codes.hpp>
#include <eigencoder/inspect/summary.hpp>
#include <eigencoder/layers/activation.hpp>
#include <eigencoder/layers/average_pool2d.hpp>
#include <eigencoder/layers/concatenate_label.hpp>
#include <eigencoder/layers/contractive.hpp>
#include <eigencoder/layers/conv2d.hpp>
#include <eigencoder/layers/conv2d_transpose.hpp>
#include <eigencoder/layers/cropping2d.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/layers/dropout.hpp>
#include <eigencoder/layers/flatten.hpp>
#include <eigencoder/layers/gaussian_latent.hpp>
#include <eigencoder/layers/global_average_pool2d.hpp>
#include <eigencoder/layers/layer_normalization.hpp>
#include <eigencoder/layers/max_pool2d.hpp>
#include <eigencoder/layers/options/regularizers.hpp>
#include <eigencoder/layers/quantized_latent.hpp>
#include <eigencoder/layers/reshape.hpp>
#include <eigencoder/layers/top_k.hpp>
#include <eigencoder/layers/up_sampling2d.hpp>
#include <eigencoder/layers/vector_quantizer.hpp>
#include <eigencoder/layers/zero_padding2d.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/discretized_logistic.hpp>
#include <eigencoder/losses/evidence_lower_bound.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/losses/ignore_missing.hpp>
#include <eigencoder/losses/log_cosh.hpp>
#include <eigencoder/losses/mean_absolute_error.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/losses/rate_distortion.hpp>
#include <eigencoder/losses/structural_similarity.hpp>
#include <eigencoder/losses/weighted.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <eigencoder/models/mirror.hpp>
#include <eigencoder/models/predictor.hpp>
#include <eigencoder/models/sequential.hpp>
#include <eigencoder/models/variational_autoencoder.hpp>
#include <eigencoder/noise/noise.hpp>
#include <eigencoder/noise/transforms.hpp>
#include <eigencoder/optimizers/adagrad.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/adamax.hpp>
#include <eigencoder/optimizers/adamw.hpp>
#include <eigencoder/optimizers/nadam.hpp>
#include <eigencoder/optimizers/rmsprop.hpp>
#include <eigencoder/optimizers/schedules.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <eigencoder/penalties/kl_sparsity.hpp>
#include <eigencoder/penalties/l1_activity.hpp>
#include <eigencoder/training/callbacks.hpp>
#include <eigencoder/training/fit.hpp>
