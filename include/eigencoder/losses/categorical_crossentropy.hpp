#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/simd/elementary.hpp>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

/// l(z, t) = -sum_k t_k log p_k, averaged over the batch, with p = softmax(z): p_k = exp(z_k) / sum_j exp(z_j).
///
/// z are the logits of a classifier, one a class: a last layer that is Dense and linear. t are the probabilities of the
/// classes, most often 1 for one of them, see one_hot. With m the largest logit and s = sum_j exp(z_j - m) <= the
/// number of classes,
///   l = sum_k t_k (log s - (z_k - m)),   dl/dz_k = p_k sum_j t_j - t_k,
/// which neither overflow nor saturate. Keras: CategoricalCrossentropy(from_logits=True).
struct CategoricalCrossentropy {
  static constexpr std::string_view name = "categorical_crossentropy";
  static constexpr bool from_logits_of_sigmoid = false;

  /// The loss of each sample; and dz = weight dl/dz where it is wanted.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DZ>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> z, FeatureMap<const Pack, T> target, Pack weight, DZ dz) const {
    static_assert(ShapesMatch<T.shape, Y.shape>::value, "loss: the target must have the shape of the model's output");
    static_assert(Y.shape.is_flat() && Y.shape.size() > 1,
                  "CategoricalCrossentropy: the model's output must be flat, a logit for each of at least two classes");
    static_assert(!Logits, "CategoricalCrossentropy: takes logits of a softmax, not of a sigmoid");
    constexpr Index classes = Y.shape.size();
    Pack largest = z[0];
    for (Index k = 1; k < classes; ++k) largest = max(largest, z[k]);
    Pack sum(0), mass(0), chosen(0);
    for (Index k = 0; k < classes; ++k) {
      const Pack below = z[k] - largest;
      sum += detail::exp_of_negative(below);
      mass += target[k];
      chosen = multiply_add(target[k], below, chosen);
    }
    const Pack log_sum = log(sum);
    if constexpr (DZ::wanted)
      for (Index k = 0; k < classes; ++k)
        dz[k] = weight * (mass * detail::exp_of_negative(z[k] - largest - log_sum) - target[k]);
    return mass * log_sum - chosen;
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
