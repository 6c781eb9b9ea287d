#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/models/encoder_decoder.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// An encoder x -> h and a decoder h -> y with parameters, trained so that y is near x. A value: copies copy.
///
/// Data are one sample a row, a Dataset or any Eigen matrix. The const members may be called from many threads at once;
/// `threads` is how many one call uses itself (0: all cores). All members are inherited from EncoderDecoder.
template <class Encoder, class Decoder, class Scalar = float>
class Autoencoder : public EncoderDecoder<Encoder, network::List<>, Decoder, Scalar> {
  static_assert(ShapesMatch<Decoder::input, Encoder::output>::value,
                "Autoencoder: the decoder's input shape must be the encoder's output shape (Encoder::output); compare "
                "ShapesMatch<decoder's, encoder's>");
  static_assert(ShapesMatch<Decoder::output, Encoder::input>::value,
                "Autoencoder: the decoder's output shape must be the encoder's input shape; compare "
                "ShapesMatch<decoder's, encoder's>");

 public:
  using EncoderDecoder<Encoder, network::List<>, Decoder, Scalar>::EncoderDecoder;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
