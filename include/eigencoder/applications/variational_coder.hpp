#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/gaussian_latent.hpp>
#include <eigencoder/models/encoder_decoder.hpp>
#include <eigencoder/models/variational_bounds.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A variational autoencoder whose decoder gives not an image but the parameters of each pixel's distribution:
///
///     using Encoder = Sequential<Shape{784}, Dense<400, relu>>;
///     using Decoder = Sequential<Shape{40}, Dense<400, relu>, Dense<2 * 784>>;
///     VariationalCoder<Encoder, Decoder, 40> model{Seed{1}};
///     fit(model, images, EvidenceLowerBound<DiscretizedLogistic>{...}, Adam{}, {...});
///
/// `negative_lower_bounds` gives the nats that LosslessCodec needs for each image. Tensors as in
/// VariationalAutoencoder; the other members are inherited from EncoderDecoder.
template <class Encoder, class Decoder, Index Latent>
class VariationalCoder
    : public EncoderDecoder<Encoder, network::List<typename GaussianLatent<Latent>::template Layer<Encoder::output>>,
                            Decoder, float> {
  static_assert(ShapesMatch<Decoder::input, Shape{Latent}>::value,
                "VariationalCoder: the decoder's input shape must be the number of latent units; compare "
                "ShapesMatch<decoder's, latent units>");

 public:
  using LatentLayer = typename GaussianLatent<Latent>::template Layer<Encoder::output>;
  using EncoderDecoder<Encoder, network::List<LatentLayer>, Decoder, float>::EncoderDecoder;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
