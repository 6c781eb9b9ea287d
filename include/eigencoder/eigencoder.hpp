#pragma once

/// The whole library, needing Eigen alone. What needs another package is included by its own name:
/// data/idx.hpp (zlib), io/safetensors.hpp (nlohmann/json), io/png.hpp (stb).

#include <eigencoder/data/dataset.hpp>
#include <eigencoder/layers/activation.hpp>
#include <eigencoder/layers/average_pool2d.hpp>
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
#include <eigencoder/layers/reshape.hpp>
#include <eigencoder/layers/up_sampling2d.hpp>
#include <eigencoder/layers/zero_padding2d.hpp>
#include <eigencoder/losses/binary_crossentropy.hpp>
#include <eigencoder/losses/evidence_lower_bound.hpp>
#include <eigencoder/losses/huber.hpp>
#include <eigencoder/losses/kl_sparsity.hpp>
#include <eigencoder/losses/l1_activity.hpp>
#include <eigencoder/losses/log_cosh.hpp>
#include <eigencoder/losses/mean_absolute_error.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <eigencoder/models/diagram.hpp>
#include <eigencoder/models/sequential.hpp>
#include <eigencoder/models/summary.hpp>
#include <eigencoder/models/variational_autoencoder.hpp>
#include <eigencoder/optimizers/adagrad.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/adamax.hpp>
#include <eigencoder/optimizers/adamw.hpp>
#include <eigencoder/optimizers/nadam.hpp>
#include <eigencoder/optimizers/rmsprop.hpp>
#include <eigencoder/optimizers/schedules.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <eigencoder/training/fit.hpp>
#include <eigencoder/training/noise.hpp>
#include <eigencoder/version.hpp>
