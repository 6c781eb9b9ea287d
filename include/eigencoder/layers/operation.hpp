#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/conv_geometry.hpp>
#include <eigencoder/maps/feature_map.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What a layer computes, as a value: for writers that carry a trained model to where this library is not. The shapes
/// and tensors are those of the layer, and so is the activation that follows. A layer of one's own that computes one of
/// these may say so, `static constexpr Operation operation{Operation::Kind::identity};`; others cannot be carried.
struct Operation {
  enum class Kind {
    none,                    ///< not known
    identity,                ///< in prediction
    dense,                   ///< kernel, bias
    convolution,             ///< kernel, bias; rows, columns
    transposed_convolution,  ///< kernel, bias; rows, columns
    maximum,                 ///< rows, columns
    average,                 ///< rows, columns; of the real cells
    repetition,              ///< rows.stride, columns.stride times
    interpolation,           ///< bilinear, rows.stride, columns.stride times
    padding,                 ///< sides
    cropping,                ///< sides
    reshape,                 ///< in (height, width, channels) order
    activation,              ///< elementwise
    normalization,           ///< gamma, beta; over the channels
    largest,                 ///< the others set to 0; count
    quantizer,               ///< codebook
    gaussian,                ///< mean.kernel, mean.bias, log_variance.kernel, log_variance.bias; in prediction the mean
    label,                   ///< one-hot, appended; count
  };

  Kind kind = Kind::none;
  kernels::Axis rows{};
  kernels::Axis columns{};
  Border sides{};
  Index count = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
