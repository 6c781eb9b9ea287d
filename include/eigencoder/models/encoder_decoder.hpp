#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/models/sequential.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <eigencoder/network/objective.hpp>
#include <eigencoder/network/output_range.hpp>
#include <eigencoder/network/predict_one_by_one.hpp>
#include <eigencoder/random/philox.hpp>
#include <stdexcept>

namespace eigencoder::inline EIGENCODER_TARGET {

/// What all families of autoencoders share: an encoder x -> h, a decoder h -> y and, between them, the layers of
/// `Latent` (a network::List of bound layers, often empty), with their parameters. A value: copies copy.
///
/// Data are one sample a row, a Dataset or any Eigen matrix. The const members may be called from many threads at once;
/// `threads` is how many one call uses itself (0: all cores).
template <class Encoder_, class Latent, class Decoder_, class Scalar_>
class EncoderDecoder {
 public:
  using Encoder = Encoder_;
  using Decoder = Decoder_;
  using Scalar = Scalar_;

  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "Autoencoder: Scalar must be float or double");

  /// All layers bound to their shapes, in order.
  using Layers = decltype(typename Encoder::Bound{} + Latent{} + typename Decoder::Bound{});
  /// What runs: the encoder's stages, the latent layers', then the decoder's.
  using Network = network::Network<Scalar, decltype(typename Encoder::Stages{} + network::Stages<Latent>{} +
                                                    typename Decoder::Stages{})>;
  /// The boundary of the network that is the code h.
  static constexpr int code = Encoder::Stages::size + network::Stages<Latent>::size;

  /// The same in the second layout.
  using SingleNetwork = network::SingleNetwork<Scalar, decltype(network::SingleStages<typename Encoder::Bound>{} +
                                                                network::SingleStages<Latent>{} +
                                                                network::SingleStages<typename Decoder::Bound>{})>;
  static constexpr int single_code =
      network::SingleStages<typename Encoder::Bound>::size + network::SingleStages<Latent>::size;
  /// Whether `encode`, `decode` and `reconstruct` use it.
  static constexpr bool predicts_one_by_one = network::one_by_one<Scalar, Layers>;

  static constexpr Shape input = Encoder::input;
  static constexpr Shape latent = Decoder::input;

  /// Draws the initial parameters.
  explicit EncoderDecoder(Seed seed = {}) : parameters_(static_cast<std::size_t>(Network::parameter_count)) {
    network::initialize(parameters(), seed, Layers{});
  }

  /// h, one row a sample. Throws std::invalid_argument if the samples have not the input's size.
  [[nodiscard]] Matrix<Scalar> encode(const Dataset& data, Index threads = 1) const {
    network::require_features(data, input, "encode");
    return predict<Boundary{0, 0}, Boundary{code, single_code}>(data, threads);
  }

  /// y from codes h, one row a sample.
  [[nodiscard]] Matrix<Scalar> decode(const Dataset& codes, Index threads = 1) const {
    network::require_features(codes, latent, "decode");
    return predict<Boundary{code, single_code}, end>(codes, threads);
  }

  /// y from x, one row a sample.
  [[nodiscard]] Matrix<Scalar> reconstruct(const Dataset& data, Index threads = 1) const {
    network::require_features(data, input, "reconstruct");
    return predict<Boundary{0, 0}, end>(data, threads);
  }

  /// Each sample's own loss between x and y, by default the mean of (y - x)^2: high for what is unlike the training
  /// data. Throws std::invalid_argument for samples of the wrong size, and for values that are not finite or that the
  /// loss is not defined for, rather than give a score of NaN, which is above no threshold.
  template <class Loss = MeanSquaredError>
  [[nodiscard]] Vector<Scalar> reconstruction_error(const Dataset& data, Loss loss = {}, Index threads = 1) const {
    static_assert(network::output_suits<EncoderDecoder, Loss>,
                  "reconstruction_error: the loss is defined in [0, 1] only, and the decoder's last activation gives "
                  "other values: end the decoder in sigmoid, or take another loss, such as MeanSquaredError{}");
    network::require_features(data, input, "reconstruction_error");
    network::require_targets<Loss>(data, "reconstruction_error: the value");
    return network::losses<Network>(parameters(), data, {}, loss, threads);
  }

  /// All parameters as one flat span: layer by layer, the encoder's first, each tensor row-major in Keras's layout.
  /// Throws std::invalid_argument, as do all that need them, if the model was moved from.
  [[nodiscard]] std::span<Scalar> parameters() {
    require_parameters();
    return parameters_;
  }
  [[nodiscard]] std::span<const Scalar> parameters() const {
    require_parameters();
    return parameters_;
  }

  /// The names, shapes and places of the tensors in `parameters()`: "encoder.0.kernel", "decoder.1.bias"; a latent
  /// layer's are "latent." and their own name.
  [[nodiscard]] static std::vector<NamedTensor> tensors() {
    std::vector<NamedTensor> all;
    network::append_tensors(all, "encoder", typename Encoder::Bound{});
    [&]<class... Layers>(network::List<Layers...>) { (network::append_tensors<Layers>(all, "latent"), ...); }(Latent{});
    network::append_tensors(all, "decoder", typename Decoder::Bound{});
    return all;
  }

  /// What the model computes, a line a layer; `save` writes it to the file, and `load` compares it.
  [[nodiscard]] static std::string architecture() { return network::architecture(layers()); }

  /// The layers in order.
  [[nodiscard]] static std::vector<LayerInfo> layers() {
    std::vector<LayerInfo> all;
    network::append_layers(all, "encoder", typename Encoder::Bound{});
    network::append_layers(all, "latent", Latent{});
    network::append_layers(all, "decoder", typename Decoder::Bound{});
    return all;
  }

 private:
  /// A boundary between stages, in either layout.
  struct Boundary {
    int lanes;
    int single;
  };
  static constexpr Boundary end{Network::count, single_code + network::SingleStages<typename Decoder::Bound>::size};

  template <Boundary First, Boundary Last>
  Matrix<Scalar> predict(const Dataset& data, Index threads) const {
    if constexpr (predicts_one_by_one) {
      return network::predict_one_by_one<SingleNetwork, First.single, Last.single>(
          parameters(), data, Network::template classes<First.lanes, Last.lanes>(), threads);
    } else {
      return network::predict<Network, First.lanes, Last.lanes>(parameters(), data, threads);
    }
  }

  void require_parameters() const {
    if (parameters_.empty() && Network::parameter_count > 0)
      throw std::invalid_argument(
          "the model has no parameters: it was moved from, and nothing was assigned to it since");
  }

  Buffer<Scalar> parameters_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
