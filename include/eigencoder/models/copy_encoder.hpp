#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/layer.hpp>
#include <eigencoder/network/stages.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace models {

/// Whether two encoders have the same tensors, layer by layer, whatever else their layers do.
template <class... A, class... B>
constexpr bool same_tensors(network::List<A...>, network::List<B...>) {
  if constexpr (sizeof...(A) == sizeof...(B)) {
    return (std::ranges::equal(A::tensors, B::tensors,
                               [](const Tensor& a, const Tensor& b) {
                                 return a.name == b.name && std::ranges::equal(a.dims, b.dims);
                               }) &&
            ...);
  } else {
    return false;
  }
}

template <class... Layers>
constexpr Index parameter_count_of(network::List<Layers...>) {
  return (Index{0} + ... + parameter_count<Layers>);
}

}  // namespace models

/// Gives one model the parameters of the encoder of another: what was learnt without labels to a classifier that is
/// then trained with few, for one.
///
///     copy_encoder(autoencoder, classifier);
///
/// The encoders have the same tensors; what their layers do besides may differ (a penalty, a dropout's share). What is
/// behind the encoder, the latent layer of a variational model, too, is not touched.
template <class From, class To>
void copy_encoder(const From& from, To& to) {
  static_assert(std::is_same_v<typename From::Scalar, typename To::Scalar>,
                "copy_encoder: both models must be of float, or both of double");
  static_assert(models::same_tensors(typename From::Encoder::Bound{}, typename To::Encoder::Bound{}),
                "copy_encoder: the encoders must have the same layers, with parameters of the same shapes");
  constexpr Index count = models::parameter_count_of(typename To::Encoder::Bound{});
  std::copy_n(from.parameters().begin(), count, to.parameters().begin());
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
